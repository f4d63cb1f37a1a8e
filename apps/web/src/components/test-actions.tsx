import { ActionIcon, Button } from '@mantine/core';
import type { Test } from '@netsonde/protocol/api';
import { type Icon, IconPencil, IconPlayerPlay, IconPlayerStop, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type CSSProperties, useState } from 'react';
import { deleteTest, startTest, stopTest } from '../api/tests.ts';
import { queryClient } from '../app/query-client.ts';
import { ButtonLink, IconLink } from './button-link.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { ProblemNotice } from './problem-notice.tsx';

interface Props {
  readonly test: Test;
  /** Icons only, for a table's row. */
  readonly compact?: boolean;
}

/** The button that starts or stops a test. */
interface Turn {
  readonly verb: string;
  readonly Icon: Icon;
  readonly call: (id: number) => Promise<unknown>;
}

const STOP: Turn = { verb: 'Stop', Icon: IconPlayerStop, call: stopTest };
const START: Turn = { verb: 'Start', Icon: IconPlayerPlay, call: startTest };

/** A scheduled test can be started before its time, or be stopped before it starts. */
const TURNS: Readonly<Record<Test['state'], readonly Turn[]>> = {
  scheduled: [{ ...START, verb: 'Start now' }, STOP],
  running: [STOP],
  stopped: [START],
  completed: [START],
};

const readAgain = async () => {
  await queryClient.invalidateQueries({ queryKey: ['tests'] });
  await queryClient.invalidateQueries({ queryKey: ['overview'] });
};

const ROW_END: CSSProperties = { display: 'flex', gap: '0.1rem', justifyContent: 'flex-end' };
/** Wraps between any two buttons of the page where the screen is narrow. */
const BESIDE_OTHERS: CSSProperties = { display: 'contents' };

/** Start or stop, edit, delete. */
export function TestActions({ test, compact = false }: Props) {
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const remove = async () => {
    await deleteTest(test.id);
    if (!compact) await navigate({ to: '/tests' });
    await readAgain();
  };
  return (
    <span style={compact ? ROW_END : BESIDE_OTHERS}>
      {TURNS[test.state].map((turn) => (
        <TurnButton key={turn.verb} test={test} turn={turn} compact={compact} />
      ))}
      {compact ? (
        <>
          <IconLink
            variant="subtle"
            color="gray"
            to="/tests/$testId/edit"
            params={{ testId: test.id }}
            aria-label={`Edit ${test.name}`}
            title="Edit"
          >
            <IconPencil size={17} />
          </IconLink>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Delete ${test.name}`}
            title="Delete"
            onClick={() => setDeleting(true)}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </>
      ) : (
        <>
          <ButtonLink variant="default" to="/tests/$testId/edit" params={{ testId: test.id }}>
            Edit
          </ButtonLink>
          <Button variant="default" onClick={() => setDeleting(true)}>
            Delete
          </Button>
        </>
      )}
      <ConfirmDialog
        title={`Delete ${test.name}?`}
        action="Delete"
        opened={deleting}
        onClose={() => setDeleting(false)}
        onConfirm={remove}
      >
        The test ends and its {test.resultCount} results are deleted with it. This cannot be undone: stop it instead to
        keep them, or export them first.
      </ConfirmDialog>
    </span>
  );
}

interface TurnButtonProps extends Required<Props> {
  readonly turn: Turn;
}

function TurnButton({ test, turn: { verb, Icon, call }, compact }: TurnButtonProps) {
  const turning = useMutation({ mutationFn: () => call(test.id), onSuccess: readAgain });
  const press = { loading: turning.isPending, onClick: () => turning.mutate() };
  return (
    <>
      {turning.isError && <ProblemNotice error={turning.error} />}
      {compact ? (
        <ActionIcon variant="subtle" color="gray" aria-label={`${verb} ${test.name}`} title={verb} {...press}>
          <Icon size={17} />
        </ActionIcon>
      ) : (
        <Button variant={call === stopTest ? 'default' : 'filled'} leftSection={<Icon size={16} />} {...press}>
          {verb}
        </Button>
      )}
    </>
  );
}

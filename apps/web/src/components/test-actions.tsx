import { ActionIcon, Button } from '@mantine/core';
import type { Test } from '@netsonde/protocol/api';
import { IconPencil, IconPlayerPlay, IconPlayerStop, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
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

const readAgain = async () => {
  await queryClient.invalidateQueries({ queryKey: ['tests'] });
  await queryClient.invalidateQueries({ queryKey: ['overview'] });
};

/** Start or stop, edit, delete. */
export function TestActions({ test, compact = false }: Props) {
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const active = test.state === 'running' || test.state === 'scheduled';
  const turning = useMutation({
    mutationFn: () => (active ? stopTest(test.id) : startTest(test.id)),
    onSuccess: readAgain,
  });
  const remove = async () => {
    await deleteTest(test.id);
    if (!compact) await navigate({ to: '/tests' });
    await readAgain();
  };
  const Turn = active ? IconPlayerStop : IconPlayerPlay;
  const verb = active ? 'Stop' : 'Start';
  return (
    <span
      className="row"
      style={{ gap: compact ? '0.1rem' : '0.5rem', flexWrap: 'nowrap', justifyContent: 'flex-end' }}
    >
      {turning.isError && <ProblemNotice error={turning.error} />}
      {compact ? (
        <>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`${verb} ${test.name}`}
            title={verb}
            loading={turning.isPending}
            onClick={() => turning.mutate()}
          >
            <Turn size={17} />
          </ActionIcon>
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
          <Button
            variant={active ? 'default' : 'filled'}
            leftSection={<Turn size={16} />}
            loading={turning.isPending}
            onClick={() => turning.mutate()}
          >
            {verb}
          </Button>
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

import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { createdEnrolmentTokenSchema } from '@netsonde/protocol/api';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { z } from 'zod';
import { createEnrolmentToken } from '../../api/agents.ts';
import { fieldError } from '../../api/api-error.ts';
import { serverAddress } from '../../app/base-path.ts';
import { queryClient } from '../../app/query-client.ts';
import { CopyLine } from '../../components/copy-line.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { agentCommand, isLoopback } from './agent-command.ts';

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Makes an enrolment token and shows the command that uses it. */
export function EnrolDialog({ opened, onClose }: Props) {
  const making = useMutation({
    mutationFn: createEnrolmentToken,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['enrolment-tokens'] }),
  });
  const close = () => {
    onClose();
    making.reset();
  };
  return (
    <Dialog title="Add an agent" opened={opened} onClose={close}>
      {making.isError && <ProblemNotice error={making.error} />}
      {making.data === undefined ? (
        <TokenForm pending={making.isPending} error={making.error} make={making.mutate} />
      ) : (
        <TokenMade token={making.data} close={close} />
      )}
    </Dialog>
  );
}

interface FormProps {
  readonly pending: boolean;
  readonly error: unknown;
  readonly make: (input: { name: string; uses: number | null; expiresInHours: number }) => void;
}

function TokenForm({ pending, error, make }: FormProps) {
  const [name, setName] = useState('');
  const [uses, setUses] = useState('1');
  const [hours, setHours] = useState('24');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make({ name: name.trim() || 'agents', uses: uses === 'any' ? null : Number(uses), expiresInHours: Number(hours) });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p>An agent proves itself once with a token. After that it has a key of its own.</p>
      <TextInput
        label="What is the token for?"
        description="To tell it from other tokens; the agent itself is named after its host"
        placeholder="Branch office Lyon"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldError(error, 'name')}
        maxLength={100}
        data-autofocus
      />
      <div className="row" style={{ alignItems: 'flex-start' }}>
        <NativeSelect
          label="May enrol"
          value={uses}
          onChange={(event) => setUses(event.currentTarget.value)}
          error={fieldError(error, 'uses')}
          data={[
            { value: '1', label: 'one agent' },
            { value: '10', label: '10 agents' },
            { value: '100', label: '100 agents' },
            { value: 'any', label: 'any number' },
          ]}
        />
        <NativeSelect
          label="Valid for"
          value={hours}
          onChange={(event) => setHours(event.currentTarget.value)}
          error={fieldError(error, 'expiresInHours')}
          data={[
            { value: '1', label: 'an hour' },
            { value: '24', label: 'a day' },
            { value: '168', label: 'a week' },
            { value: '720', label: '30 days' },
          ]}
        />
      </div>
      <Button type="submit" loading={pending} style={{ alignSelf: 'flex-end' }}>
        Make a token
      </Button>
    </form>
  );
}

interface MadeProps {
  readonly token: z.infer<typeof createdEnrolmentTokenSchema>;
  readonly close: () => void;
}

function TokenMade({ token, close }: MadeProps) {
  return (
    <>
      <p>Run this in a checkout of Netsonde on the host that shall measure. The token is shown only now.</p>
      <CopyLine label="Command that starts the agent" text={agentCommand(serverAddress, token.token)} />
      {isLoopback(serverAddress) && (
        <p className="small">
          This page was opened at <code>{new URL(serverAddress).hostname}</code>, which each host takes for itself: on
          another host, write this server's own name or address in its place.
        </p>
      )}
      <p className="muted small">
        The agent takes the host's name; add <code>--name NAME</code> for another one and <code>--label site=lyon</code>{' '}
        for labels. It shows up in the list as soon as it has connected.
      </p>
      <Button onClick={close} style={{ alignSelf: 'flex-end' }}>
        Done
      </Button>
    </>
  );
}

import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
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
import { agentCommand, isLoopback, listenCommand } from './agent-command.ts';
import { ListeningForm } from './listening-form.tsx';

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Who opens the connection: the agent, or this server to an agent that listens. */
type Dialler = 'agent' | 'server';

/** Makes an enrolment token and shows the command that uses it. Also accepts the address of an agent that listens. */
export function EnrolDialog({ opened, onClose }: Props) {
  const [dialler, setDialler] = useState<Dialler>('agent');
  const [hasToken, setHasToken] = useState(false);
  const making = useMutation({
    mutationFn: createEnrolmentToken,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['enrolment-tokens'] }),
  });
  const close = () => {
    onClose();
    making.reset();
    setDialler('agent');
    setHasToken(false);
  };
  const step = () => {
    if (hasToken) return <ListeningForm close={close} />;
    if (making.data !== undefined && dialler === 'server') return <ListeningMade token={making.data} close={close} />;
    if (making.data !== undefined) return <TokenMade token={making.data} close={close} />;
    return (
      <>
        <DiallerChoice dialler={dialler} choose={setDialler} skip={() => setHasToken(true)} />
        <TokenForm pending={making.isPending} error={making.error} make={making.mutate} />
      </>
    );
  };
  return (
    <Dialog title={dialler === 'agent' ? 'Add an agent' : 'Add a listening agent'} opened={opened} onClose={close}>
      {making.isError && <ProblemNotice error={making.error} />}
      {step()}
    </Dialog>
  );
}

interface ChoiceProps {
  readonly dialler: Dialler;
  readonly choose: (dialler: Dialler) => void;
  /** Straight to the step of the address. */
  readonly skip: () => void;
}

function DiallerChoice({ dialler, choose, skip }: ChoiceProps) {
  return (
    <>
      <NativeSelect
        label="Who connects?"
        value={dialler}
        onChange={(event) => choose(event.currentTarget.value as Dialler)}
        data={[
          { value: 'agent', label: 'The agent connects to this server' },
          { value: 'server', label: 'This server connects to the agent, which listens' },
        ]}
      />
      {dialler === 'server' && (
        <div className="row">
          <p className="small">For hosts that cannot reach this server. Does the agent run with a token already?</p>
          <Button variant="subtle" size="compact-sm" onClick={skip}>
            Enter its address
          </Button>
        </div>
      )}
    </>
  );
}

interface FormProps {
  readonly pending: boolean;
  readonly error: unknown;
  readonly make: (input: {
    name: string;
    uses: number | null;
    expiresInHours: number;
    ownLabelsSelect: boolean;
  }) => void;
}

function TokenForm({ pending, error, make }: FormProps) {
  const [name, setName] = useState('');
  const [uses, setUses] = useState('1');
  const [hours, setHours] = useState('24');
  const [ownLabelsSelect, setOwnLabelsSelect] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make({
      name: name.trim() || 'agents',
      uses: uses === 'any' ? null : Number(uses),
      expiresInHours: Number(hours),
      ownLabelsSelect,
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p>An agent proves itself once with a token. After that it has a key of its own.</p>
      <TextInput
        label="What is the token for?"
        description="To distinguish it from other tokens; the agent itself is named after its host"
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
      <Checkbox
        label="Labels that the agent declares select tests"
        description="Only where you trust the hosts: an agent then draws every test whose labels it names"
        checked={ownLabelsSelect}
        onChange={(event) => setOwnLabelsSelect(event.currentTarget.checked)}
      />
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
        for labels of its own. It appears in the list as soon as it has connected; give it labels that select tests on
        its page.
      </p>
      <Button onClick={close} style={{ alignSelf: 'flex-end' }}>
        Done
      </Button>
    </>
  );
}

function ListeningMade({ token, close }: MadeProps) {
  return (
    <>
      <p>Run this in a checkout of Netsonde on the host that shall measure. The token is shown only now.</p>
      <CopyLine label="Command that starts the agent" text={listenCommand(token.token)} />
      <p className="muted small">
        Add <code>--tls-cert cert.pem --tls-key key.pem</code> where others can read along on the way: without it the
        session is proved but not secret.
      </p>
      <ListeningForm close={close} />
    </>
  );
}

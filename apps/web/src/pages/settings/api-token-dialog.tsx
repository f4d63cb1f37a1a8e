import { Button, NativeSelect, TextInput } from '@mantine/core';
import { ROLES, type Role } from '@netsonde/protocol/api';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { createApiToken } from '../../api/access.ts';
import { fieldError } from '../../api/api-error.ts';
import { queryClient } from '../../app/query-client.ts';
import { CopyLine } from '../../components/copy-line.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { serverNow } from '../../time/server-time.ts';

const DAY_MS = 86_400_000;

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Makes an API token and shows its secret, once. */
export function ApiTokenDialog({ opened, onClose }: Props) {
  const making = useMutation({
    mutationFn: createApiToken,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['api-tokens'] }),
  });
  const close = () => {
    onClose();
    making.reset();
  };
  return (
    <Dialog title="Make an API token" opened={opened} onClose={close}>
      {making.isError && <ProblemNotice error={making.error} />}
      {making.data === undefined ? (
        <TokenForm make={making.mutate} pending={making.isPending} error={making.error} />
      ) : (
        <>
          <p>Send it as the header below. It is shown only now.</p>
          <CopyLine label="Header with the token" text={`Authorization: Bearer ${making.data.token}`} />
          <Button onClick={close} style={{ alignSelf: 'flex-end' }}>
            Done
          </Button>
        </>
      )}
    </Dialog>
  );
}

interface FormProps {
  readonly make: (input: { name: string; role: Role; expiresAt: string | null }) => void;
  readonly pending: boolean;
  readonly error: unknown;
}

function TokenForm({ make, pending, error }: FormProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [days, setDays] = useState('90');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const expiresAt = days === 'never' ? null : new Date(serverNow() + Number(days) * DAY_MS).toISOString();
    make({ name, role, expiresAt });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput
        label="What is it for?"
        placeholder="Nightly report"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={fieldError(error, 'name')}
        maxLength={100}
        required
        data-autofocus
      />
      <NativeSelect
        label="Role"
        data={[...ROLES]}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
      />
      <NativeSelect
        label="Valid for"
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
        data={[
          { value: '30', label: '30 days' },
          { value: '90', label: '90 days' },
          { value: '365', label: 'a year' },
          { value: 'never', label: 'ever, until it is deleted' },
        ]}
      />
      <Button type="submit" loading={pending} style={{ alignSelf: 'flex-end' }}>
        Make the token
      </Button>
    </form>
  );
}

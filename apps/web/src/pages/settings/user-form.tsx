import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { ROLES, type Role } from '@netsonde/protocol/api';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { createUser } from '../../api/access.ts';
import { fieldError } from '../../api/api-error.ts';
import { ProblemNotice } from '../../components/problem-notice.tsx';

/** A new account. */
export function UserForm({ done }: { readonly done: () => void }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const making = useMutation({ mutationFn: createUser, onSuccess: done });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate({ username: username.trim(), password, role });
  };
  return (
    <form className="stack" onSubmit={submit}>
      {making.isError && <ProblemNotice error={making.error} />}
      <TextInput
        label="User name"
        description="Letters, digits, dots, dashes, underscores or @"
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
        error={fieldError(making.error, 'username')}
        autoComplete="off"
        required
        data-autofocus
      />
      <PasswordInput
        label="First password"
        description="At least 10 characters; they can change it in their settings"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={fieldError(making.error, 'password')}
        autoComplete="new-password"
        minLength={10}
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
        required
      />
      <NativeSelect
        label="Role"
        data={[...ROLES]}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
        error={fieldError(making.error, 'role')}
      />
      <Button type="submit" loading={making.isPending} style={{ alignSelf: 'flex-end' }}>
        Add
      </Button>
    </form>
  );
}

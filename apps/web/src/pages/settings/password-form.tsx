import { Button, PasswordInput } from '@mantine/core';
import type { User } from '@netsonde/protocol/api';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changeUser } from '../../api/access.ts';
import { fieldError } from '../../api/api-error.ts';
import { ProblemNotice } from '../../components/problem-notice.tsx';

/** Sets a new password for another user. */
export function PasswordForm({ user, done }: { readonly user: User; readonly done: () => void }) {
  const [password, setPassword] = useState('');
  const saving = useMutation({ mutationFn: () => changeUser(user.id, { password }), onSuccess: done });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <form className="stack" onSubmit={submit}>
      {saving.isError && <ProblemNotice error={saving.error} />}
      <PasswordInput
        label="New password"
        description="At least 10 characters. All their sessions end."
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={fieldError(saving.error, 'password')}
        autoComplete="new-password"
        minLength={10}
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
        required
        data-autofocus
      />
      <Button type="submit" loading={saving.isPending} style={{ alignSelf: 'flex-end' }}>
        Save
      </Button>
    </form>
  );
}

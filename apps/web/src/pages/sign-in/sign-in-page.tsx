import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { signIn } from '../../api/session.ts';
import { Gate } from '../../components/gate.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';

/** Name and password. Afterwards the user continues to the requested page. */
export function SignInPage() {
  const router = useRouter();
  const { next } = useSearch({ from: '/sign-in' });
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const entering = useMutation({
    mutationFn: () => signIn(username.trim(), password),
    onSuccess: () => router.navigate({ to: next ?? '/', replace: true }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    entering.mutate();
  };
  return (
    <Gate title="Sign in" intro="See what your agents measure.">
      <form className="stack" onSubmit={submit}>
        {entering.isError && <ProblemNotice error={entering.error} />}
        <TextInput
          label="User name"
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          autoComplete="username"
          required
          autoFocus
        />
        <PasswordInput
          label="Password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          required
        />
        <Button type="submit" loading={entering.isPending}>
          Sign in
        </Button>
      </form>
    </Gate>
  );
}

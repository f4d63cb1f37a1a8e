import { Button, PasswordInput, TextInput } from '@mantine/core';
import { setupRequestSchema } from '@netsonde/protocol/api';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Navigate, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState, useSyncExternalStore } from 'react';
import { fieldError } from '../../api/api-error.ts';
import { setUp, setupQuery } from '../../api/session.ts';
import { Gate } from '../../components/gate.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import { tokenOfFragment } from './token-of-fragment.ts';

const tokenOfLink = (): string => tokenOfFragment(location.hash);

/** Pasting a link into the open tab changes only the fragment: the page is not loaded again. */
function onHashChange(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}

/** Makes the first admin, by the one-time link that the server printed. */
export function SetUpPage() {
  const { data: setup } = useQuery(setupQuery);
  const navigate = useNavigate();
  const linked = useSyncExternalStore(onHashChange, tokenOfLink);
  const [typed, setTyped] = useState('');
  const token = linked === '' ? typed : linked;
  const [username, setUsername] = useState('admin');
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [tried, setTried] = useState(false);
  const making = useMutation({
    mutationFn: () => setUp(token, username.trim(), password),
    onSuccess: () => navigate({ to: '/', replace: true }),
  });
  if (setup?.needed === false && !making.isPending && !making.isSuccess) return <Navigate to="/" replace />;

  const wrong = wrongFields({ token, username, password });
  const differs = repeated !== password ? 'The two passwords differ' : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(wrong).length === 0 && differs === undefined) making.mutate();
  };
  const error = (path: 'token' | 'username' | 'password') =>
    (tried ? wrong[path] : undefined) ?? fieldError(making.error, path);
  return (
    <Gate
      title="Set up Netsonde"
      intro="Make the first account. It is an admin: it can add agents, tests and other people."
    >
      <form className="stack" onSubmit={submit} noValidate>
        {making.isError && <ProblemNotice error={making.error} />}
        {linked === '' && (
          <TextInput
            label="Set-up token"
            description="At the end of the set-up link that the server printed when it started"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value.trim())}
            error={error('token')}
            autoComplete="off"
            required
          />
        )}
        <TextInput
          label="User name"
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          error={error('username')}
          autoComplete="username"
          required
        />
        <PasswordInput
          label="Password"
          description={error('password') === undefined && 'At least 10 characters'}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={error('password')}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
          required
          autoFocus
        />
        <PasswordInput
          label="Repeat the password"
          value={repeated}
          onChange={(event) => setRepeated(event.currentTarget.value)}
          error={tried ? differs : undefined}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the repeated password' }}
          required
        />
        <Button type="submit" loading={making.isPending}>
          Create the account
        </Button>
      </form>
    </Gate>
  );
}

interface Fields {
  readonly token: string;
  readonly username: string;
  readonly password: string;
}

/** What the server would refuse, shown before the server is asked. */
function wrongFields({ token, username, password }: Fields): Partial<Record<keyof Fields, string>> {
  const { shape } = setupRequestSchema;
  return {
    ...(token === '' ? { token: 'Open the set-up link that the server printed, or paste its token here' } : {}),
    ...(shape.username.safeParse(username).success
      ? {}
      : { username: '1 to 64 letters, digits, dots, dashes, underscores or @' }),
    ...(shape.password.safeParse(password).success ? {} : { password: 'At least 10 characters, at most 200' }),
  };
}

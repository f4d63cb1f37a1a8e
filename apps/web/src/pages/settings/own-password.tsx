import { Button, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { changePassword } from '../../api/access.ts';
import { fieldError } from '../../api/api-error.ts';
import { Panel } from '../../components/panel.tsx';
import { ProblemNotice } from '../../components/problem-notice.tsx';
import classes from './settings.module.css';

const toggle = (what: string) => ({ 'aria-label': `Show or hide the ${what}` });

/** Changes the password of the signed-in user. */
export function OwnPassword() {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const saving = useMutation({
    mutationFn: changePassword,
    onSuccess: () => {
      setCurrent('');
      setPassword('');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate({ current, password });
  };
  return (
    <Panel title="Your password">
      <form className={classes.form} onSubmit={submit}>
        {saving.isError && <ProblemNotice error={saving.error} />}
        <PasswordInput
          label="Password now"
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          error={fieldError(saving.error, 'current')}
          autoComplete="current-password"
          visibilityToggleButtonProps={toggle('current password')}
          required
        />
        <PasswordInput
          label="New password"
          description="At least 10 characters"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={fieldError(saving.error, 'password')}
          autoComplete="new-password"
          minLength={10}
          visibilityToggleButtonProps={toggle('new password')}
          required
        />
        <Button type="submit" loading={saving.isPending}>
          Change the password
        </Button>
        <p role="status" className="muted">
          {saving.isSuccess ? 'The password is changed.' : ''}
        </p>
      </form>
    </Panel>
  );
}

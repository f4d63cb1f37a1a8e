import { Button, PasswordInput, Textarea } from '@mantine/core';
import { SECRET_KEPT } from '@netsonde/probes/catalog';
import { type ChangeEvent, useState } from 'react';
import classes from './secret-control.module.css';

interface Props {
  readonly label: string;
  readonly description: string;
  readonly error: string | undefined;
  readonly value: string;
  /** Whether it keeps line breaks. Its text is then visible while it is typed. */
  readonly multiline: boolean;
  readonly change: (value: string) => void;
}

/** A secret text. A stored one is never shown: it stays until the user types a new one, or removes it by its button. */
export function SecretControl({ label, description, error, value, change, multiline }: Props) {
  const [stored] = useState(value === SECRET_KEPT);
  const kept = value === SECRET_KEPT;
  const shared = {
    label,
    description,
    error,
    value: kept ? '' : value,
    placeholder: kept ? 'Kept as it is; type to replace it' : '',
    onChange: ({ currentTarget }: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      change(currentTarget.value === '' && stored ? SECRET_KEPT : currentTarget.value),
    autoComplete: 'off',
  };
  return (
    <div>
      {multiline ? (
        <Textarea {...shared} rows={3} spellCheck={false} classNames={{ input: classes.hidden ?? '' }} />
      ) : (
        <PasswordInput {...shared} visibilityToggleButtonProps={{ 'aria-label': `Show or hide ${label}` }} />
      )}
      {stored && (
        <Button size="compact-xs" variant="subtle" onClick={() => change(value === '' ? SECRET_KEPT : '')}>
          {value === '' ? 'Keep what is stored' : 'Remove what is stored'}
        </Button>
      )}
    </div>
  );
}

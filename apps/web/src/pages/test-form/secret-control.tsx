import { Button, PasswordInput } from '@mantine/core';
import { SECRET_KEPT } from '@netsonde/probes/catalog';
import { useState } from 'react';

interface Props {
  readonly label: string;
  readonly description: string;
  readonly error: string | undefined;
  readonly value: string;
  readonly change: (value: string) => void;
}

/** A secret text. One that is stored is never shown: it is kept until a new one is typed, or taken away by its button. */
export function SecretControl({ label, description, error, value, change }: Props) {
  const [stored] = useState(value === SECRET_KEPT);
  const kept = value === SECRET_KEPT;
  return (
    <div>
      <PasswordInput
        label={label}
        description={description}
        error={error}
        value={kept ? '' : value}
        placeholder={kept ? 'Kept as it is; type to replace it' : ''}
        onChange={({ currentTarget: { value: typed } }) => change(typed === '' && stored ? SECRET_KEPT : typed)}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': `Show or hide ${label}` }}
      />
      {stored && (
        <Button size="compact-xs" variant="subtle" onClick={() => change(value === '' ? SECRET_KEPT : '')}>
          {value === '' ? 'Keep what is stored' : 'Remove what is stored'}
        </Button>
      )}
    </div>
  );
}

import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { type NumberRule, readNumber } from './number-text.ts';

interface Props {
  readonly label: string;
  readonly description?: string;
  /** As typed. */
  readonly value: string;
  readonly rule: NumberRule;
  readonly change: (text: string) => void;
  /** From the form or the server. */
  readonly error: string | undefined;
  readonly className?: string;
}

/** A number, kept as it was typed. When the user leaves the field, it says what is wrong with it. */
export function NumberField({ value, rule, change, error, ...shared }: Props) {
  const [left, setLeft] = useState(false);
  const { wrong } = readNumber(value, rule);
  const { unit } = rule;
  return (
    <TextInput
      {...shared}
      value={value}
      inputMode={rule.whole === true ? 'numeric' : 'decimal'}
      onChange={(event) => change(event.currentTarget.value)}
      onFocus={() => setLeft(false)}
      onBlur={() => setLeft(true)}
      error={error ?? (left ? wrong : null)}
      {...(unit === undefined
        ? {}
        : { rightSection: <span className="muted small">{unit}</span>, rightSectionWidth: `${unit.length + 3}ch` })}
    />
  );
}

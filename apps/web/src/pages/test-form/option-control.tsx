import { NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { type OptionField, SECRET_KEPT } from '@netsonde/probes/catalog';
import type { OptionValue } from './draft.ts';
import { NumberField } from './number-field.tsx';
import { ruleText } from './number-text.ts';
import { numberRule } from './option-rule.ts';
import { SecretControl } from './secret-control.tsx';

interface Props {
  readonly field: OptionField;
  /** undefined: the default. */
  readonly value: OptionValue | undefined;
  readonly change: (value: OptionValue | undefined) => void;
  readonly error: string | undefined;
}

/** The control for one option of a probe, made from its declaration. */
export function OptionControl({ field, value, change, error }: Props) {
  const { label, unit, kind, choices } = field;
  const shared = { label, description: describe(field), error };
  const shown = value ?? field.default ?? '';
  switch (kind) {
    case 'integer':
    case 'number':
      return <NumberField {...shared} value={String(shown)} change={change} rule={numberRule(field)} />;
    case 'boolean':
      return <Switch {...shared} checked={shown === true} onChange={(event) => change(event.currentTarget.checked)} />;
    case 'choice':
      return (
        <NativeSelect
          {...shared}
          data={[...choices]}
          value={String(shown)}
          onChange={(event) => change(event.currentTarget.value)}
        />
      );
    case 'list':
      return (
        <Textarea
          {...shared}
          placeholder="One a line"
          rows={2}
          value={Array.isArray(shown) ? shown.join('\n') : String(shown)}
          onChange={(event) =>
            change(event.currentTarget.value === '' ? undefined : event.currentTarget.value.split('\n'))
          }
        />
      );
    case 'text':
      if (field.multiline === true && field.secret === undefined)
        return (
          <Textarea
            {...shared}
            {...(field.content === 'pem' ? { placeholder: '-----BEGIN CERTIFICATE-----' } : {})}
            rows={4}
            spellCheck={false}
            value={String(shown)}
            onChange={(event) => change(event.currentTarget.value)}
          />
        );
      return field.secret === undefined ? (
        <TextInput
          {...shared}
          value={String(shown)}
          {...(unit === undefined ? {} : { rightSection: unit })}
          onChange={(event) => change(event.currentTarget.value)}
        />
      ) : (
        <SecretControl {...shared} value={String(shown)} change={change} multiline={field.multiline === true} />
      );
  }
}

/** The declaration's own sentence, with the range where there is one, its default, and how secret lines are kept. */
function describe(field: OptionField): string {
  const { description, kind, secret } = field;
  const isNumber = kind === 'integer' || kind === 'number';
  const range = isNumber ? ruleText(numberRule(field)) : '';
  const empty = isNumber && typeof field.default === 'number' ? `. Empty: ${field.default.toLocaleString('en')}` : '';
  const kept = typeof secret === 'object' ? `. A value shown as ${SECRET_KEPT} stays; write over it to replace it` : '';
  return `${description}${range === '' ? '' : ` (${range})`}${empty}${kept}`;
}

import type { OptionField } from '@netsonde/probes/catalog';

/** The value of an option on one line. Texts from files and secrets are named, not shown. */
export function optionText({ label, unit, secret, content }: OptionField, value: unknown): string {
  if (secret !== undefined) return `${label} set`;
  if (content === 'pem') return `${label} given, ${certificateCount(String(value))}`;
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return `${label} ${text}${unit === undefined ? '' : ` ${unit}`}`;
}

function certificateCount(pem: string): string {
  const count = pem.split('-----BEGIN CERTIFICATE-----').length - 1;
  return `${count} ${count === 1 ? 'certificate' : 'certificates'}`;
}

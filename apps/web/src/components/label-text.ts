import { labelFault } from '@netsonde/protocol/api';

export type LabelMap = Readonly<Record<string, string>>;

/**
 * Parses `key=value` pairs, separated by spaces or commas. A value with spaces is in double quotes. @throws Error that
 * names the wrong part.
 */
export function parseLabels(text: string): LabelMap {
  const labels: Record<string, string> = {};
  for (const part of text.match(/(?:[^\s,"]|"[^"]*")+/g) ?? []) {
    const at = part.indexOf('=');
    if (at < 1) throw new Error(`"${part}" is no label: write key=value`);
    const key = part.slice(0, at);
    const value = part.slice(at + 1).replaceAll('"', '');
    const fault = labelFault(key, value);
    if (fault !== null) throw new Error(`"${part}" is no label: ${fault}`);
    labels[key] = value;
  }
  return labels;
}

/** The same pairs as text. */
export function labelText(labels: LabelMap): string {
  return Object.entries(labels)
    .map(([key, value]) => (/[\s,]/.test(value) || value === '' ? `${key}="${value}"` : `${key}=${value}`))
    .join(' ');
}

/** Whether these labels include all the wanted ones. */
export function carries(labels: LabelMap, wanted: LabelMap): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

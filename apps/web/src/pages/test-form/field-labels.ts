import type { ProbeInfo } from '@netsonde/protocol/api';
import { fieldWords } from '../../api/field-words.ts';
import type { TestDraft } from './draft.ts';

/** Labels of the form's fields whose names in the API are other words. */
const LABELS: Readonly<Record<string, string>> = {
  startAt: 'Starts',
  agents: 'Agents',
  'agents.count': 'How many agents',
};

/** What the form calls a field of the API: `checks.0.options.count` is `Check 1, Packets`. */
export function fieldLabel(path: string, { checks }: Pick<TestDraft, 'checks'>, catalog: readonly ProbeInfo[]): string {
  const known = LABELS[path];
  if (known !== undefined) return known;
  const [, place, rest] = /^checks\.(\d+)(?:\.(.+))?$/.exec(path) ?? [];
  if (place === undefined) return fieldWords(path);
  const check = `Check ${Number(place) + 1}`;
  return rest === undefined ? check : `${check}, ${ofCheck(rest, checks[Number(place)]?.probe, catalog)}`;
}

function ofCheck(path: string, probe: string | undefined, catalog: readonly ProbeInfo[]): string {
  const [part, name = ''] = path.split('.');
  if (part === 'expectations') return `expectation ${Number(name) + 1}`;
  if (part === 'interval') return 'Own interval';
  if (part !== 'options') return fieldWords(path).toLowerCase();
  const options = catalog.find(({ id }) => id === probe)?.options ?? [];
  return options.find((option) => option.name === name)?.label ?? fieldWords(name);
}

import { NEWER_FIELDS } from '@netsonde/protocol';
import { type Fields, isObject, strangeKey } from './parts.ts';

const RUN_KEYS = new Set([
  't',
  'seq',
  'check',
  'target',
  'tag',
  'at',
  'late',
  'took',
  'verdict',
  'finding',
  'metrics',
  'absent',
  'samples',
  'instances',
  'stamps',
  'flags',
  'detail',
  'log',
]);
const FINDING_KEYS = new Set(['cause', 'side', 'operation']);
const STAMP_KEYS = new Set(['kernel', 'process']);
const INSTANCE_KEYS = new Set(['key', 'metrics', 'absent']);

/**
 * A result without fields that this version does not know: those of the record itself are kept in its detail under
 * {@link NEWER_FIELDS}, those further in are left out. The same object where there are none.
 */
export function withoutNewerFields(record: Fields): Fields {
  const known = tidyParts(record);
  if (strangeKey(known, RUN_KEYS) === undefined) return known;
  const entries = Object.entries(known);
  const newer = Object.fromEntries(entries.filter(([key]) => !RUN_KEYS.has(key)));
  const rest = Object.fromEntries(entries.filter(([key]) => RUN_KEYS.has(key)));
  const detail = rest.detail === undefined ? {} : rest.detail;
  // A detail that is no object is a fault of the record: validation names it.
  return isObject(detail) ? { ...rest, detail: { ...detail, [NEWER_FIELDS]: newer } } : rest;
}

/** The same for the parts of fixed shape: finding, stamps and instances. */
function tidyParts(record: Fields): Fields {
  const finding = tidy(record.finding, FINDING_KEYS);
  const stamps = tidy(record.stamps, STAMP_KEYS);
  const instances = Array.isArray(record.instances) ? tidyList(record.instances) : record.instances;
  if (finding === record.finding && stamps === record.stamps && instances === record.instances) return record;
  return {
    ...record,
    stamps,
    ...(finding === undefined ? {} : { finding }),
    ...(instances === undefined ? {} : { instances }),
  };
}

function tidyList(list: readonly unknown[]): readonly unknown[] {
  return list.some((item) => tidy(item, INSTANCE_KEYS) !== item) ? list.map((item) => tidy(item, INSTANCE_KEYS)) : list;
}

function tidy(part: unknown, keys: ReadonlySet<string>): unknown {
  if (!isObject(part) || strangeKey(part, keys) === undefined) return part;
  return Object.fromEntries(Object.entries(part).filter(([key]) => keys.has(key)));
}

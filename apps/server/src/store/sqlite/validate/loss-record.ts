import { type Fields, isId, isObject, isWhole, strangeKey } from './parts.ts';
import type { Vocabulary } from './vocabulary.ts';

const MISSED_KEYS = new Set(['t', 'seq', 'check', 'target', 'from', 'to', 'count', 'reason']);
const DROP_KEYS = new Set(['fromSeq', 'toSeq', 'reason', 'runs', 'count']);
const RUN_KEYS = new Set(['check', 'target', 'count', 'from', 'to']);

/** What is wrong with a record of missed runs, beginning with the field; null when nothing is. */
export function missedFault(record: Fields, words: Vocabulary): string | null {
  const strange = strangeKey(record, MISSED_KEYS);
  if (strange !== undefined) return `${strange.slice(0, 64)}: is no field of a missed record`;
  if (!isWhole(record.seq)) return 'seq: must be a whole number, 0 or more';
  if (!isId(record.check)) return 'check: must be a whole number above 0';
  if (!isId(record.target)) return 'target: must be a whole number above 0';
  if (!isWhole(record.from)) return 'from: must be epoch ms, 0 or more';
  if (!isWhole(record.to)) return 'to: must be epoch ms, 0 or more';
  if (!isId(record.count)) return 'count: must be a whole number above 0';
  return typeof record.reason === 'string' && words.missed.has(record.reason)
    ? null
    : 'reason: is not on the list of reasons for missed runs';
}

/** What is wrong with a declared drop, beginning with the field; null when nothing is. */
export function dropFault(drop: unknown, words: Vocabulary): string | null {
  if (!isObject(drop)) return 'must be an object';
  const strange = strangeKey(drop, DROP_KEYS);
  if (strange !== undefined) return `${strange.slice(0, 64)}: is no field of a drop`;
  if (!isWhole(drop.fromSeq)) return 'fromSeq: must be a whole number, 0 or more';
  if (!isWhole(drop.toSeq)) return 'toSeq: must be a whole number, 0 or more';
  if (typeof drop.reason !== 'string' || !words.drops.has(drop.reason))
    return 'reason: is not on the list of reasons for drops';
  if (!isWhole(drop.count)) return 'count: must be a whole number, 0 or more';
  const runs = drop.runs;
  if (!Array.isArray(runs) || runs.length > 256) return 'runs: must be a list of at most 256';
  const wrong = runs.findIndex((run) => !isDroppedRuns(run));
  return wrong < 0 ? null : `runs.${wrong}: must be { check, target, count, from, to } in whole numbers`;
}

const isDroppedRuns = (run: unknown): boolean =>
  isObject(run) &&
  strangeKey(run, RUN_KEYS) === undefined &&
  isId(run.check) &&
  isId(run.target) &&
  isId(run.count) &&
  Number.isSafeInteger(run.from) &&
  Number.isSafeInteger(run.to);

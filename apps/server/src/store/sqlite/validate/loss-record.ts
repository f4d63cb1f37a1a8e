import { type Fields, isId, isObject, isWhole } from './parts.ts';
import type { UnknownWords } from './unknown-words.ts';
import type { Vocabulary } from './vocabulary.ts';

/** What is wrong with a record of missed runs, beginning with the field; null when nothing is. */
export function missedFault(record: Fields, words: Vocabulary, unknown: UnknownWords): string | null {
  if (!isWhole(record.seq)) return 'seq: must be a whole number, 0 or more';
  if (!isId(record.check)) return 'check: must be a whole number above 0';
  if (!isId(record.target)) return 'target: must be a whole number above 0';
  if (!isWhole(record.from)) return 'from: must be epoch ms, 0 or more';
  if (!isWhole(record.to)) return 'to: must be epoch ms, 0 or more';
  if (!isId(record.count)) return 'count: must be a whole number above 0';
  return reasonFault(record.reason, words.missed, unknown);
}

/** What is wrong with a declared drop, beginning with the field; null when nothing is. */
export function dropFault(drop: unknown, words: Vocabulary, unknown: UnknownWords): string | null {
  if (!isObject(drop)) return 'must be an object';
  if (!isWhole(drop.fromSeq)) return 'fromSeq: must be a whole number, 0 or more';
  if (!isWhole(drop.toSeq)) return 'toSeq: must be a whole number, 0 or more';
  const reason = reasonFault(drop.reason, words.drops, unknown);
  if (reason !== null) return reason;
  if (!isWhole(drop.count)) return 'count: must be a whole number, 0 or more';
  const runs = drop.runs;
  if (!Array.isArray(runs) || runs.length > 256) return 'runs: must be a list of at most 256';
  const wrong = runs.findIndex((run) => !isDroppedRuns(run));
  return wrong < 0 ? null : `runs.${wrong}: must be { check, target, count, from, to } in whole numbers`;
}

const isDroppedRuns = (run: unknown): boolean =>
  isObject(run) &&
  isId(run.check) &&
  isId(run.target) &&
  isId(run.count) &&
  (run.tag === undefined || isWhole(run.tag)) &&
  Number.isSafeInteger(run.from) &&
  Number.isSafeInteger(run.to);

function reasonFault(reason: unknown, known: ReadonlySet<string>, unknown: UnknownWords): string | null {
  if (typeof reason !== 'string') return 'reason: must be a word';
  if (known.has(reason)) return null;
  const fault = unknown.fault(reason);
  return fault === null ? null : `reason: ${fault}`;
}

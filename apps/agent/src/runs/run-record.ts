import type { Outcome } from '@netsonde/probes/catalog';
import type { RunFlag, RunRecord } from '@netsonde/protocol';
import { MAX_RECORD_BYTES } from '@netsonde/protocol';

/** A run's record before it has its sequence number. */
export type NewRunRecord = Omit<RunRecord, 'seq'>;

export interface RunFacts {
  readonly check: number;
  readonly target: number;
  /** Scheduled instant, epoch ms. */
  readonly at: number;
  readonly lateMs: number;
  readonly tookMs: number;
  readonly flags: readonly RunFlag[];
}

/** Space for the sequence number and the frame around the record, bytes. */
const MARGIN_BYTES = 64;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Writes a run's outcome into its record, with its log when the verdict is not `up`. Written field by field: spreading
 * objects costs as much as the rest of a small check's summary.
 */
export function runRecord(facts: RunFacts, outcome: Outcome, log: readonly string[]): NewRunRecord {
  const { finding, samples, instances, detail, verdict } = outcome;
  const record = {
    t: 'run',
    check: facts.check,
    target: facts.target,
    at: facts.at,
    late: round(facts.lateMs),
    took: round(facts.tookMs),
    verdict,
    metrics: outcome.metrics,
    absent: outcome.absent,
    stamps: outcome.stamps,
  } as Writable<NewRunRecord>;
  if (finding !== undefined) record.finding = { ...finding, operation: finding.operation.slice(0, 500) };
  if (samples !== undefined) record.samples = samples as NewRunRecord['samples'];
  if (instances !== undefined) record.instances = instances as NewRunRecord['instances'];
  if (facts.flags.length > 0) record.flags = [...facts.flags];
  if (!isEmpty(detail)) record.detail = detail as NewRunRecord['detail'];
  if (verdict !== 'up' && log.length > 0) record.log = [...log];
  return record;
}

/** These times are accurate to microseconds at best. */
const round = (ms: number): number => Math.max(0, Math.round(ms * 1000) / 1000);

function isEmpty(object: object): boolean {
  for (const _ in object) return false;
  return true;
}

function fits(record: NewRunRecord): boolean {
  return Buffer.byteLength(JSON.stringify(record)) + MARGIN_BYTES <= MAX_RECORD_BYTES;
}

/**
 * Shrinks a record that is too large for a frame. It removes details first, then the middle of the log, then instances
 * from the end, and notes what it removed.
 */
export function cutToSize(record: NewRunRecord): NewRunRecord {
  if (fits(record)) return record;
  const size = Buffer.byteLength(JSON.stringify(record.detail ?? null));
  const cut = `left out: ${size} bytes of detail, since the record would have exceeded ${MAX_RECORD_BYTES} bytes`;
  let smaller: NewRunRecord = record.detail === undefined ? record : { ...record, detail: { cut } };
  if (!fits(smaller) && smaller.log !== undefined) {
    const left = smaller.log.length - 40;
    if (left > 0)
      smaller = {
        ...smaller,
        log: [...smaller.log.slice(0, 20), `${left} lines left out here`, ...smaller.log.slice(-20)],
      };
  }
  while (!fits(smaller) && smaller.instances !== undefined && smaller.instances.length > 0) {
    const kept = smaller.instances.slice(0, Math.floor(smaller.instances.length / 2));
    const instances = `left out: ${(record.instances?.length ?? 0) - kept.length} of ${record.instances?.length} instances, since the record was too large`;
    smaller = { ...smaller, instances: kept, detail: { cut, instances } };
  }
  if (fits(smaller)) return smaller;
  const { samples: _samples, ...rest } = smaller;
  return { ...rest, detail: { cut: `${cut}; the samples too` } };
}

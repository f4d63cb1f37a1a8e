import type { MetricValue } from '@netsonde/probes/catalog';
import { type Row, verdictCode } from '../codec/row.ts';
import { addAbsence, addTally, addValue, newTally, type Tally } from './tally.ts';

/** All that a rollup keeps of the runs of one series in one bucket. */
export interface Bucket {
  /** Begin of the bucket, epoch ms. */
  readonly at: number;
  /** Runs by verdict code. */
  readonly verdicts: number[];
  /** By instance key ('' is the result itself), then by metric or samples id. */
  readonly cells: Map<string, Map<string, Tally>>;
}

export const newBucket = (at: number): Bucket => ({ at, verdicts: [0, 0, 0, 0], cells: new Map() });

export const runsOf = ({ verdicts }: Bucket): number => verdicts.reduce((sum, runs) => sum + runs, 0);

export const bucketStart = (at: number, widthMs: number): number => Math.floor(at / widthMs) * widthMs;

/** The rows of a series summed up in buckets of a width, oldest first. @param sketched metrics that keep a sketch. */
export function bucketsOf(rows: readonly Row[], widthMs: number, sketched: ReadonlySet<string>): readonly Bucket[] {
  const buckets = new Map<number, Bucket>();
  for (const { record } of rows) {
    const at = bucketStart(record.at, widthMs);
    let bucket = buckets.get(at);
    if (bucket === undefined) {
      bucket = newBucket(at);
      buckets.set(at, bucket);
    }
    addRun(bucket, record, sketched);
  }
  return inOrder(buckets);
}

function addRun(bucket: Bucket, record: Row['record'], sketched: ReadonlySet<string>): void {
  const code = verdictCode(record.verdict);
  bucket.verdicts[code] = (bucket.verdicts[code] ?? 0) + 1;
  addMeasured(cellsOf(bucket, ''), record, sketched);
  for (const { key, ...measured } of record.instances ?? []) addMeasured(cellsOf(bucket, key), measured, sketched);
  for (const id in record.samples)
    for (const value of record.samples[id] ?? [])
      if (value !== null) addValue(tallyOf(cellsOf(bucket, ''), samplesId(id), true), value);
}

/** What all observations of a bucket are kept under: no metric's id ends so. */
export const samplesId = (id: string): string => `${id}[]`;

type Measured = Pick<Row['record'], 'metrics' | 'absent'>;

function addMeasured(cells: Map<string, Tally>, { metrics, absent }: Measured, sketched: ReadonlySet<string>): void {
  for (const id in metrics) {
    const value = numberOf(metrics[id]);
    if (value !== null) addValue(tallyOf(cells, id, sketched.has(id)), value);
  }
  for (const id in absent)
    if (!Object.hasOwn(metrics, id)) addAbsence(tallyOf(cells, id, sketched.has(id)), absent[id] ?? '');
}

/** A value as charts and rollups count it; null for texts. */
export function numberOf(value: MetricValue | undefined): number | null {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' ? value : null;
}

/** Buckets of any widths added up in wider ones, oldest first. */
export function regroup(buckets: readonly Bucket[], widthMs: number): readonly Bucket[] {
  const wider = new Map<number, Bucket>();
  for (const bucket of buckets) {
    const at = bucketStart(bucket.at, widthMs);
    const into = wider.get(at) ?? newBucket(at);
    wider.set(at, into);
    addBucket(into, bucket);
  }
  return inOrder(wider);
}

function addBucket(to: Bucket, { verdicts, cells }: Bucket): void {
  verdicts.forEach((runs, code) => {
    to.verdicts[code] = (to.verdicts[code] ?? 0) + runs;
  });
  for (const [key, tallies] of cells) {
    const into = cellsOf(to, key);
    for (const [id, tally] of tallies) addTally(tallyOf(into, id, tally.sketch !== null), tally);
  }
}

const inOrder = (buckets: ReadonlyMap<number, Bucket>): readonly Bucket[] =>
  [...buckets.values()].sort((a, b) => a.at - b.at);

function cellsOf(bucket: Bucket, key: string): Map<string, Tally> {
  let cells = bucket.cells.get(key);
  if (cells === undefined) {
    cells = new Map();
    bucket.cells.set(key, cells);
  }
  return cells;
}

function tallyOf(cells: Map<string, Tally>, id: string, isSketched: boolean): Tally {
  let tally = cells.get(id);
  if (tally === undefined) {
    tally = newTally(isSketched);
    cells.set(id, tally);
  }
  return tally;
}

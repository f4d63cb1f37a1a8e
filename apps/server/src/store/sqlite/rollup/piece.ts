import { decodeSketch, encodeSketch } from '@netsonde/metrics';
import type { Block } from '../codec/block.ts';
import type { Instances, Metrics, Row } from '../codec/row.ts';
import { writeBlock } from '../codec/write-block.ts';
import { type Bucket, newBucket, runsOf } from './bucket.ts';
import { newTally, type Tally } from './tally.ts';

/*
 * A piece is a block whose rows are buckets and whose metrics are what the buckets keep: `n` how many values (left out
 * where every run has one), `l` the lowest, `h` the highest, `s` their sum (both left out where all values are the same),
 * `q` the sketch, `a:reason` absences, each followed by a colon and the metric's id; `v0` to `v3` runs by verdict.
 */

/** Packs buckets of one series, oldest first. */
export function writePiece(buckets: readonly Bucket[], layoutId: (json: string) => number): Buffer {
  return writeBlock(buckets.map(rowOf), layoutId, { summaries: false });
}

function rowOf(bucket: Bucket): Row {
  const runs = runsOf(bucket);
  const metrics: Metrics = {};
  bucket.verdicts.forEach((count, code) => {
    if (count > 0) metrics[`v${code}`] = count;
  });
  const instances: Instances[number][] = [];
  for (const [key, tallies] of bucket.cells) {
    const into: Metrics = key === '' ? metrics : {};
    for (const [id, tally] of tallies) writeTally(into, id, tally, runs);
    if (key !== '') instances.push({ key, metrics: into, absent: {} });
  }
  return {
    epoch: 0,
    detail: 0,
    record: { ...EMPTY, at: bucket.at, metrics, ...(instances.length > 0 ? { instances } : {}) },
  };
}

const EMPTY = {
  t: 'run',
  seq: 0,
  check: 0,
  target: 0,
  late: 0,
  took: 0,
  verdict: 'up',
  absent: {},
  stamps: { kernel: 0, process: 0 },
} as const;

function writeTally(into: Metrics, id: string, { count, sum, min, max, absent, sketch }: Tally, runs: number): void {
  if (count > 0) {
    if (count !== runs) into[`n:${id}`] = count;
    into[`l:${id}`] = min;
    if (max !== min) {
      into[`h:${id}`] = max;
      into[`s:${id}`] = sum;
    }
    if (sketch !== null) into[`q:${id}`] = Buffer.from(encodeSketch(sketch)).toString('base64');
  }
  for (const [reason, times] of absent) into[`a:${reason}:${id}`] = times;
}

/** All buckets of a piece. */
export function readPiece(piece: Block): readonly Bucket[] {
  return Array.from({ length: piece.rows }, (_, row) => bucketIn(piece.row(row, { check: 0, target: 0 })));
}

function bucketIn({ record }: Row): Bucket {
  const bucket = newBucket(record.at);
  for (let code = 0; code < bucket.verdicts.length; code += 1)
    bucket.verdicts[code] = numberIn(record.metrics, `v${code}`) ?? 0;
  const runs = runsOf(bucket);
  const own = readTallies(record.metrics, runs);
  if (own.size > 0) bucket.cells.set('', own);
  for (const { key, metrics } of record.instances ?? []) bucket.cells.set(key, readTallies(metrics, runs));
  return bucket;
}

function readTallies(metrics: Metrics, runs: number): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const name in metrics) {
    const mark = name.slice(0, 2);
    if (mark !== 'l:' && mark !== 'a:') continue;
    const id = name.slice(name.lastIndexOf(':') + 1);
    const tally = tallies.get(id) ?? newTally(false);
    tallies.set(id, tally);
    if (mark === 'l:') readValues(tally, metrics, id, runs);
    else tally.absent.set(name.slice(2, -1 - id.length), numberIn(metrics, name) ?? 0);
  }
  return tallies;
}

function readValues(tally: Tally, metrics: Metrics, id: string, runs: number): void {
  const min = numberIn(metrics, `l:${id}`) ?? Number.NaN;
  tally.count = numberIn(metrics, `n:${id}`) ?? runs;
  tally.min = min;
  tally.max = numberIn(metrics, `h:${id}`) ?? min;
  tally.sum = numberIn(metrics, `s:${id}`) ?? min * tally.count;
  const sketch = metrics[`q:${id}`];
  if (typeof sketch === 'string') tally.sketch = decodeSketch(Buffer.from(sketch, 'base64'));
}

function numberIn(metrics: Metrics, name: string): number | undefined {
  const value = metrics[name];
  return typeof value === 'number' ? value : undefined;
}

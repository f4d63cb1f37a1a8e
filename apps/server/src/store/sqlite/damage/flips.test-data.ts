import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FINDING, run } from '../../conformance/frames.test-data.ts';
import type { LedgerCounts, SeriesAnswer, StoredResult } from '../../result-store.ts';
import { Database } from '../../sqlite-driver.ts';
import { Parts } from '../parts.test-data.ts';
import { latest } from '../query/latest.ts';
import { ledger } from '../query/ledger.ts';
import { newestResults, scanPage } from '../query/results.ts';
import { seriesLines } from '../query/series.ts';

const START = 1_700_000_000_000;
const HOUR = 3_600_000;

export const FILES = ['intake.db', 'results.db'] as const;
export type File = (typeof FILES)[number];

/** One result of the fixture: of three series, with details, findings and instances. */
export const resultOf = (seq: number) =>
  run(seq, {
    target: 1 + (seq % 3),
    at: START + seq * 60_000,
    metrics: { depth_m: (seq % 40) + 0.5, pings: seq, clear: seq % 2 === 0, note: `n${seq % 9}` },
    instances: [{ key: 'left', metrics: { angle: (seq % 90) + 0.25 }, absent: {} }],
    detail: { part: seq % 11, of: 'the suite' },
    ...(seq % 5 === 0 ? { verdict: 'down' as const, finding: FINDING, log: [`line ${seq}`] } : {}),
  });

const RESULTS = 900;
/** Results before it are retired. */
const HORIZON = START + 4 * HOUR;

/** Makes a folder that has something in every table: a log, small and large blocks, rollups, retired days, losses. */
export function makeFixture(folder: string): string {
  const parts = Parts.make(folder, 'fixture-');
  for (let seq = 0; seq < RESULTS; seq += 50) {
    parts.send(Array.from({ length: 50 }, (_, i) => resultOf(seq + i)));
    if (seq === 250 || seq === 400) {
      parts.work('fold');
      parts.work('merge all');
    }
    if (seq === 500 || seq === 700) parts.work('fold');
  }
  parts.lose(RESULTS);
  parts.work('trim');
  parts.retire(HORIZON);
  parts.close();
  return parts.at;
}

/** Flips one bit of a page of a table in a copy of the fixture. @param draw numbers from 0 to 1 */
export function flipped(fixture: string, into: string, file: File, table: string, draw: () => number): string {
  cpSync(fixture, into, { recursive: true });
  const db = new Database(join(into, file), { readonly: true });
  const pages = db
    .prepare('SELECT pageno FROM dbstat WHERE name = ? OR name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)')
    .pluck()
    .all(table, table) as number[];
  const pageSize = db.pragma('page_size', { simple: true }) as number;
  db.close();
  const page = pages[Math.floor(draw() * pages.length)] ?? 1;
  const bytes = readFileSync(join(into, file));
  const at = (page - 1) * pageSize + Math.floor(draw() * pageSize);
  const bit = Math.floor(draw() * 8);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  writeFileSync(join(into, file), bytes);
  return `${file} ${table}: bit ${bit} of byte ${at} (page ${page})`;
}

export interface Answers {
  readonly all: readonly StoredResult[];
  readonly newest: readonly StoredResult[];
  readonly latest: readonly StoredResult[];
  readonly ledger: readonly LedgerCounts[];
  readonly each: SeriesAnswer;
  readonly buckets: SeriesAnswer;
  readonly received: readonly (readonly [number, number])[];
}

const WINDOW = { checks: [1], metric: 'depth_m', fromMs: START, toMs: START + RESULTS * 60_000 };

/** Every question that a store answers. */
export function ask({ snapshot, writer }: Parts): Answers {
  return {
    ...snapshot.read(() => ({
      all: scanAll(snapshot),
      newest: newestResults(snapshot, { checks: [1] }, 20),
      latest: latest(snapshot, [1]),
      ledger: ledger(snapshot, { fromMs: 0, toMs: 4e12 }),
      each: seriesLines(snapshot, { ...WINDOW, fromMs: HORIZON, points: 5000 }),
      buckets: seriesLines(snapshot, { ...WINDOW, points: 8 }),
    })),
    received: writer.received(1).flatMap(({ ranges }) => ranges),
  };
}

function scanAll(snapshot: Parts['snapshot']): readonly StoredResult[] {
  const all: StoredResult[] = [];
  for (let fromMs: number | null = 0; fromMs !== null; ) {
    const page = scanPage(snapshot, { checks: [1] }, fromMs);
    all.push(...page.results);
    fromMs = page.nextMs;
  }
  return all;
}

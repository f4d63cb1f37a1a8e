import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { FINDING, run } from '../../conformance/frames.test-data.ts';
import type { LedgerCounts, SeriesAnswer, StoredResult } from '../../result-store.ts';
import { Database } from '../../sqlite-driver.ts';
import { refusalOf } from '../accept/refusal.ts';
import { RefusalTable } from '../accept/refusal-table.ts';
import { UnplannedTable } from '../accept/unplanned-table.ts';
import { Parts } from '../parts.test-data.ts';
import { latest } from '../query/latest.ts';
import { ledger } from '../query/ledger.ts';
import { agentRefusals, refusedSeries, unplannedPage } from '../query/refusals.ts';
import { newestResults, scanPage } from '../query/results.ts';
import { seriesLines } from '../query/series.ts';
import { tablesOf } from './tables.ts';

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
  refuse(parts);
  parts.work('trim');
  parts.retire(HORIZON);
  parts.close();
  return parts.at;
}

/** Fills the tables of refused and unplanned records, of two agents. */
function refuse({ intake }: Parts): void {
  const refusals = new RefusalTable(intake);
  const unplanned = new UnplannedTable(intake);
  for (let i = 0; i < 200; i += 1) {
    const dueMs = i % 2 === 0 ? START + i * 600_000 : null;
    const what = { check: 1 + (i % 3), target: 1 + (i % 5), at: START };
    refusals.add(1 + (i % 2), refusalOf(i % 3 === 0 ? 'ended' : 'not_planned', what, dueMs), START + i);
    unplanned.add({ agent: 1 + (i % 2), epoch: 1 }, { ...resultOf(i), check: 99 }, START + i);
    if (i % 20 === 19)
      intake.transaction(() => {
        refusals.flush();
        unplanned.flush();
      })();
  }
}

const pagesOf = (db: BetterSqlite3.Database, tables: readonly string[]): readonly number[] =>
  db
    .prepare(
      `SELECT pageno FROM dbstat WHERE name IN
       (SELECT name FROM sqlite_schema WHERE tbl_name IN (SELECT value FROM json_each(?)))`,
    )
    .pluck()
    .all(JSON.stringify(tables)) as number[];

/** Pages of no table of ours. */
function otherPages(db: BetterSqlite3.Database, file: File): readonly number[] {
  const owned = new Set(pagesOf(db, tablesOf(file)));
  const count = db.pragma('page_count', { simple: true }) as number;
  return Array.from({ length: count }, (_, i) => i + 1).filter((page) => !owned.has(page));
}

/** Flips one bit of a page of a table ('': of no table) in a copy of the fixture. @param draw numbers from 0 to 1 */
export function flipped(fixture: string, into: string, file: File, table: string, draw: () => number): string {
  cpSync(fixture, into, { recursive: true });
  const db = new Database(join(into, file), { readonly: true });
  const pages = table === '' ? otherPages(db, file) : pagesOf(db, [table]);
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
  readonly refusals: readonly unknown[];
  readonly unplanned: readonly unknown[];
  readonly arrivals: number;
}

const AGENTS = [1, 2];
const WINDOW = { checks: [1], metric: 'depth_m', fromMs: START, toMs: START + RESULTS * 60_000 };

/** Every question that a store answers. */
export function ask({ snapshot, writer }: Parts): Answers {
  return {
    ...snapshot.read(() => ({
      all: scanAll(snapshot),
      newest: newestResults(snapshot, { checks: [1] }, 20),
      latest: latest(snapshot, [1]),
      ledger: [
        ...ledger(snapshot, { fromMs: 0, toMs: 4e12 }),
        ...ledger(snapshot, { fromMs: 0, toMs: 4e12, agent: 1 }),
      ],
      each: seriesLines(snapshot, { ...WINDOW, fromMs: HORIZON, points: 5000 }),
      buckets: seriesLines(snapshot, { ...WINDOW, points: 8 }),
      refusals: [...agentRefusals(snapshot, undefined), ...AGENTS.map((agent) => refusedSeries(snapshot, agent, 50))],
      unplanned: AGENTS.map((agent) => unplannedPage(snapshot, agent, 0, 100)),
      arrivals: snapshot.arrivals(0),
    })),
    received: writer.received(1).flatMap(({ ranges }) => ranges),
  };
}

function scanAll(snapshot: Parts['snapshot']): readonly StoredResult[] {
  const all: StoredResult[] = [];
  let page = scanPage(snapshot, { checks: [1] }, null);
  all.push(...page.results);
  while (page.last !== null) {
    page = scanPage(snapshot, { checks: [1] }, page.last);
    all.push(...page.results);
  }
  return all;
}

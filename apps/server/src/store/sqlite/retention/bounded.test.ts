import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../conformance/frames.test-data.ts';
import { Parts } from '../parts.test-data.ts';

const DAY_MS = 86_400_000;
const START = 19_000 * DAY_MS;
const PER_DAY = 480;

let folder: string;
let parts: Parts;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-bounded-'));
  parts = Parts.make(folder, 'parts-');
});
afterEach(() => {
  parts.close();
  rmSync(folder, { recursive: true, force: true });
});

const count = (db: Database, table: string): number =>
  db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;

/** A day of results, each with a text and a detail that are unique to the day. */
function live(day: number): void {
  const at = START + day * DAY_MS;
  const all = Array.from({ length: PER_DAY }, (_, i) =>
    run(day * PER_DAY + i, {
      target: 1 + (i % 4),
      at: at + Math.floor(i / 4) * 720_000,
      metrics: {
        depth_m: i,
        note: Array.from({ length: 40 }, (_, k) => Math.sin(day * 1e5 + i * 50 + k).toString(36)).join(),
      },
      detail: { day, part: i % 3 },
    }),
  );
  for (let i = 0; i < all.length; i += 60) {
    parts.send(all.slice(i, i + 60), at);
    for (const what of ['fold', 'trim', 'merge', 'merge'] as const) parts.work(what);
  }
}

test('with a retention the files stop growing, since space of deleted blocks and details is reused', () => {
  const pages = (db: Database) => db.pragma('page_count', { simple: true }) as number;
  const sizes: number[] = [];
  for (let day = 0; day < 16; day += 1) {
    live(day);
    parts.retire(START + (day - 2) * DAY_MS);
    sizes.push(pages(parts.results));
  }
  expect(sizes[15] ?? 0).toBeLessThan(1.25 * (sizes[6] ?? 0));
  expect(count(parts.intake, 'detail')).toBe(3 * 3);
  expect(count(parts.intake, 'detail_use')).toBe(3 * 3 * 4);
  const heads = ['block_head', 'rollup_head'].reduce((sum, table) => sum + count(parts.results, table), 0);
  expect(count(parts.results, 'block') + count(parts.results, 'small_block')).toBe(heads);
});

test('details of a deleted check are deleted, unless another series uses them', () => {
  const detail = { shared: true };
  parts.send([
    run(0, { at: START, detail }),
    run(1, { at: START, detail: { own: 1 } }),
    run(2, { at: START, target: 2, detail }),
  ]);
  parts.intake.exec('DELETE FROM series WHERE target = 1');
  parts.retire(0);
  expect(count(parts.intake, 'detail')).toBe(1);
  expect(count(parts.intake, 'detail_use')).toBe(1);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ConfigStore, openConfigStore } from '../store/config/open-config-store.ts';
import { Incarnation } from './incarnation.ts';

let folder: string;
let config: ConfigStore;
let warnings: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-incarnation-'));
  config = await openConfigStore(join(folder, 'netsonde.db'));
  warnings = [];
});
afterEach(async () => {
  await config.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (restored = false) =>
  Incarnation.open({
    db: config.db,
    now: Date.now,
    restored,
    began: () => {},
    warn: (text) => void warnings.push(text),
  });

async function nextTestId(): Promise<number> {
  const { id } = await config.db
    .insertInto('test')
    .values({
      name: 'a',
      description: '',
      selection: '{"by":"any","count":1}',
      interval_ms: 1000,
      duration_ms: null,
      start_at: 0,
      end_at: null,
      stopped_at: null,
      created_at: 1,
      created_by: 'suite',
      deleted_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

const witness = (incarnation: string, revision: number) => ({
  name: 'a1',
  known: { incarnation, revision, check: 70, target: 80 },
  received: [],
});

test('a folder whose files say that it was put back begins a new incarnation, with ids beyond those of the lost one', async () => {
  const first = await open();
  const before = await nextTestId();
  expect((await open()).word).toBe(first.word);
  const restored = await open(true);
  expect(restored.word).not.toBe(first.word);
  expect(await nextTestId()).toBeGreaterThan(before + 9999);
});

test('an agent that knows a later revision causes one incarnation, and one that names a former incarnation none', async () => {
  const server = await open();
  const { word } = server;
  await server.witness(witness(word, 0));
  expect(server.word).toBe(word);
  await server.witness(witness(word, 5));
  const later = server.word;
  expect(later).not.toBe(word);
  await server.witness(witness(word, 5));
  expect(server.word).toBe(later);
  expect(warnings).toHaveLength(1);
});

test('agents that lie cause a bounded number of incarnations', async () => {
  const server = await open();
  const words = new Set([server.word]);
  for (let lie = 0; lie < 30; lie += 1) {
    await server.witness(witness(server.word, 1_000_000));
    words.add(server.word);
  }
  expect(words.size).toBeLessThanOrEqual(11);
});

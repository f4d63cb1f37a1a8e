import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminToken } from '@netsonde/server';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { apiOf } from './api-client.ts';
import { pause } from './ground.ts';
import { SEED, seeded } from './seeds.ts';
import { freePort, startServerProcess } from './server-process.ts';

vi.setConfig({ testTimeout: 240_000 });

/** Paths within the data folder, each with a column that every start reads. */
const FILES = [
  ['netsonde.db', 'created_at'],
  ['results/intake.db', 'received_ms'],
  ['results/results.db', 'repeated'],
] as const;
/** Random flips per file. */
const FLIPS = Number(process.env.NETSONDE_SCHEMA_FLIPS ?? 4);
const READY = 'Netsonde runs at';

let folder: string;
let fixture: string;
let port: number;
let admin: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-schema-'));
  fixture = join(folder, 'fixture');
  port = await freePort();
  const server = startServerProcess({ dataFolder: fixture, port });
  await server.says(READY);
  admin = await createAdminToken(fixture, 'suite');
  await apiOf(`http://127.0.0.1:${port}`, admin)('/tests', {
    name: 'schema',
    targets: [{ address: '127.0.0.1' }],
    checks: [{ probe: 'icmp' }],
    agents: { by: 'any', count: 1 },
    interval: 10,
    duration: null,
  });
  await server.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a server on a copy of the fixture with one flipped bit. It must serve, or name the file and what to do. */
async function assertServesOrEnds(file: string, at: number, bit: number): Promise<'serves' | 'ends'> {
  const dataFolder = mkdtempSync(join(folder, 'flipped-'));
  cpSync(fixture, dataFolder, { recursive: true });
  const bytes = readFileSync(join(dataFolder, file));
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  writeFileSync(join(dataFolder, file), bytes);
  const server = startServerProcess({ dataFolder, port });
  try {
    for (const end = Date.now() + 60_000; server.running() && !server.output().includes(READY); await pause(20))
      if (Date.now() > end) throw new Error(`it neither serves nor ends; it said:\n${server.output()}`);
    if (server.running()) {
      expect(await apiOf(`http://127.0.0.1:${port}`, admin)<unknown[]>('/tests')).toHaveLength(1);
      await server.stop();
      return 'serves';
    }
    expect({ code: server.child.exitCode, output: server.output() }).toEqual({
      code: 3,
      output: expect.stringMatching(
        new RegExp(`${join(dataFolder, file)} .*(restore it from a backup|check the disk)`),
      ),
    });
    return 'ends';
  } catch (error) {
    throw new Error(`${file}, bit ${bit} of byte ${at} (seed ${SEED})`, { cause: error });
  } finally {
    await server.kill();
    rmSync(dataFolder, { recursive: true });
  }
}

test.each(FILES)('a server ends with code 3 and the remedy if a column name of %s is damaged', async (file, column) => {
  const at = readFileSync(join(fixture, file)).lastIndexOf(column);
  expect(at).toBeGreaterThan(0);
  expect(await assertServesOrEnds(file, at + 3, 0)).toBe('ends');
});

test.each(FILES)(
  `a server serves, or ends with code 3 and the remedy, whatever bit of the table definitions of %s is flipped (seed ${SEED})`,
  async (file) => {
    const random = seeded(SEED);
    const places = schemaBytes(join(fixture, file));
    for (let flip = 0; flip < FLIPS; flip += 1)
      await assertServesOrEnds(file, places[Math.floor(random() * places.length)] ?? 0, Math.floor(random() * 8));
  },
);

/** Places of the bytes of the file's first page, and of the other pages with table definitions, that are not 0. */
function schemaBytes(file: string): readonly number[] {
  const bytes = readFileSync(file);
  const pageSize = bytes.readUInt16BE(16);
  const pages = Array.from({ length: bytes.length / pageSize }, (_, page) => page * pageSize).filter(
    (from) => from === 0 || bytes.subarray(from, from + pageSize).includes('CREATE TABLE'),
  );
  return pages.flatMap((from) => Array.from({ length: pageSize }, (_, i) => from + i).filter((at) => bytes[at] !== 0));
}

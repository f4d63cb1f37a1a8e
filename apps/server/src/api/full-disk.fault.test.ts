import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Problem, Test } from '@netsonde/protocol/api';
import { expect, test } from 'vitest';
import { onSmallDisk } from '../store/sqlite/small-disk.test-data.ts';
import { setUp, startServer } from './server.test-support.ts';

const plan = (name: string) => ({
  name,
  targets: [{ address: '192.0.2.1' }],
  checks: [{ probe: 'icmp' }],
  agents: { by: 'labels', labels: { site: 'nowhere' } },
});

/** Writes until the disk has no room left. */
function fill(file: string): void {
  for (let blocks = 1; ; blocks += 1)
    try {
      writeFileSync(file, Buffer.alloc(4096), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    } finally {
      if (blocks > 10_000) expect.fail('the disk is larger than 40 MB');
    }
}

test('on a full disk a new test is refused with 503 and leaves nothing, and is made once there is room', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-full-'));
  try {
    await onSmallDisk(folder, async (mount) => {
      const server = await startServer({ folder: join(mount, 'data') });
      try {
        const admin = await setUp(server);
        const filler = join(mount, 'filler');
        fill(filler);
        const made: string[] = [];
        let refused: Problem | null = null;
        // The database may have room for some more in its own files.
        for (let i = 0; refused === null && i < 500; i += 1) {
          const answer = await server.call<Problem>('POST', '/tests', plan(`test ${i}`), admin);
          if (answer.status === 201) made.push(`test ${i}`);
          else {
            expect(answer.status, answer.text).toBe(503);
            refused = answer.body;
          }
        }
        expect(refused?.detail).toMatch(/cannot write its files/);
        expect(server.log.some((line) => /the disk of [^ ]* is full/.test(line))).toBe(true);
        rmSync(filler);
        expect((await server.call('POST', '/tests', plan('after'), admin)).status).toBe(201);
        const { body } = await server.call<Test[]>('GET', '/tests', undefined, admin);
        expect(body.map(({ name }) => name).sort()).toEqual([...made, 'after'].sort());
      } finally {
        await server.close();
      }
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

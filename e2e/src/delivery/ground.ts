import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import type { AssignedCheck } from '@netsonde/protocol';
import { KeptFrames } from './kept-frames.ts';

/** The fixture of each delivery test: a folder, a target, and a server's store. */
export interface Ground {
  readonly folder: string;
  readonly kept: KeptFrames;
  /** A tcp check with this many targets. */
  check(id: number, intervalMs: number, targets: number, startMs: number): AssignedCheck;
  close(): void;
}

export async function layGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-delivery-'));
  const echo: Server = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1');
  await new Promise((resolve) => echo.once('listening', resolve));
  const { port } = echo.address() as { port: number };
  return {
    folder,
    kept: new KeptFrames(),
    check: (check, intervalMs, targets, startMs) => ({
      check,
      test: 1,
      probe: 'tcp',
      options: catalog.tcp.options.parse({}) as AssignedCheck['options'],
      expectations: [],
      intervalMs,
      startMs,
      endMs: null,
      targets: Array.from({ length: targets }, (_, i) => ({ target: i + 1, address: `127.0.0.1:${port}` })),
    }),
    close() {
      echo.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until a condition holds. @throws Error that names the condition. */
export async function until(what: string, holds: () => boolean, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`in ${timeoutMs} ms it did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

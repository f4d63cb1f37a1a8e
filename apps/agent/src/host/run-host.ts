import { randomBytes } from 'node:crypto';
import { uptime } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Clock, RunHost, TargetPolicy } from '@netsonde/probes/runtime';
import { type EchoEngine, openEchoEngine } from '@netsonde/sockets';
import type { ScheduleClock } from '../schedule/wall-watch.ts';

/** The clocks of this process. */
export const processClock: Clock & ScheduleClock = Object.freeze({
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  uptimeMs: () => uptime() * 1000,
});

/** What all runs of this agent share; `close` ends the engine if it was ever opened. */
export interface OpenRunHost extends RunHost {
  close(): Promise<void>;
}

/** The engine's thread is started with the first run that needs it. */
export function openRunHost(policy: TargetPolicy): OpenRunHost {
  let engine: Promise<EchoEngine> | null = null;
  const random = randomSource();
  return Object.freeze({
    clock: processClock,
    policy,
    random,
    echoEngine() {
      engine ??= openEchoEngine().catch((error: unknown) => {
        engine = null;
        throw error;
      });
      return engine;
    },
    async close() {
      const opened = await engine?.catch(() => null);
      await opened?.close();
    },
  });
}

/** Numbers from the kernel's generator, drawn in batches. */
function randomSource(): () => number {
  let bytes = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at + 6 > bytes.length) {
      bytes = randomBytes(3072);
      at = 0;
    }
    const value = bytes.readUIntBE(at, 6) / 2 ** 48;
    at += 6;
    return value;
  };
}

import { type EchoEngine, openEchoEngine } from '@netsonde/sockets';
import type { Clock } from './context.ts';
import type { RunHost } from './execute.ts';
import type { TargetPolicy } from './policy.ts';

/** The process's own clocks. */
export const systemClock: Clock = Object.freeze({
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
});

/** This host as runs use it; one echo engine for all of them, opened at the first wish. */
export async function openSystemRunHost(
  policy: TargetPolicy,
): Promise<{ readonly host: RunHost; close(): Promise<void> }> {
  let engine: Promise<EchoEngine> | null = null;
  const host: RunHost = {
    clock: systemClock,
    policy,
    random: Math.random,
    echoEngine() {
      engine ??= openEchoEngine();
      return engine;
    },
  };
  return {
    host,
    async close() {
      await engine?.then((opened) => opened.close());
    },
  };
}

import { randomBytes } from 'node:crypto';
import { type EchoEngine, openEchoEngine } from '@netsonde/sockets';
import type { Clock } from '../contract/context.ts';
import type { TargetPolicy } from '../contract/policy.ts';
import { systemNetwork } from '../net/path-state.ts';
import { systemClock } from '../net/system-clock.ts';
import type { RunHost } from './execute.ts';

/** A run host with resources to close. */
export interface OpenRunHost extends RunHost {
  /** Ends the echo engine, if any run opened it. */
  close(): Promise<void>;
}

/**
 * The run host of this machine, under its owner's policy. One echo engine serves all runs; the first that needs it
 * opens it.
 */
export function openSystemRunHost(policy: TargetPolicy, clock: Clock = systemClock): OpenRunHost {
  let engine: Promise<EchoEngine> | null = null;
  return Object.freeze({
    clock,
    policy,
    random: randomSource(),
    network: systemNetwork,
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

const BYTES_A_NUMBER = 6;

/** Numbers 0 <= x < 1 from the kernel's generator, drawn in batches. */
function randomSource(): () => number {
  let bytes = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at + BYTES_A_NUMBER > bytes.length) {
      bytes = randomBytes(512 * BYTES_A_NUMBER);
      at = 0;
    }
    const value = bytes.readUIntBE(at, BYTES_A_NUMBER) / 2 ** (8 * BYTES_A_NUMBER);
    at += BYTES_A_NUMBER;
    return value;
  };
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostLibrary } from './c-library.ts';

/** What the kernel knows of its clock. */
export interface KernelClock {
  /** Whether a time service (NTP, PTP) keeps it in step. */
  readonly synchronised: boolean;
  /** The most that it is off, as its time service says, ms. It means nothing where the clock is not synchronised. */
  readonly errorMs: number;
}

/**
 * `struct timex` on 64-bit Linux, in bytes.
 * Source: adjtimex(2)
 */
const TIMEX = Object.freeze({ size: 208, maxError: 24, status: 40, seconds: 72, fraction: 80 });
const STA_UNSYNC = 0x40;
const STA_NANO = 0x2000;
const TIME_ERROR = 5;
/** The kernel's clock and the one that this process is shown are the same up to the time between two calls, ms. */
const SAME_CLOCK_MS = 1000;

/**
 * The synchronisation state of the kernel's clock. null: the platform has none, or this process is shown another clock
 * than the kernel's, of which the kernel says nothing.
 * Source: adjtimex(2), `modes` 0 reads without a privilege
 */
export function kernelClock(): KernelClock | null {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return null;
  const timex = Buffer.alloc(TIMEX.size);
  const state = adjtimex(timex);
  if (state < 0) return null;
  const status = timex.readInt32LE(TIMEX.status);
  const fraction = Number(timex.readBigInt64LE(TIMEX.fraction)) / ((status & STA_NANO) === 0 ? 1e3 : 1e6);
  const wallMs = Number(timex.readBigInt64LE(TIMEX.seconds)) * 1000 + fraction;
  if (Math.abs(wallMs - Date.now()) > SAME_CLOCK_MS) return null;
  return {
    synchronised: state !== TIME_ERROR && (status & STA_UNSYNC) === 0,
    errorMs: Number(timex.readBigInt64LE(TIMEX.maxError)) / 1000,
  };
}

function adjtimex(timex: Buffer): number {
  try {
    return hostLibrary().adjtimex(timex);
  } catch {
    return -1;
  }
}

/** An id of the time since the host's last boot. null: the platform has none. Source: random(4), boot_id */
export function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() || null;
  } catch {
    return null;
  }
}

/** A short hash of {@link bootId}: equal for processes that share a kernel and its clock. null: the platform has none. */
export function bootMark(): string | null {
  const id = bootId();
  return id === null ? null : createHash('sha256').update(id).digest('hex').slice(0, 16);
}

import { CLOCK_MONOTONIC, CLOCK_REALTIME } from './constants.ts';
import { libc } from './libc.ts';

const time = new BigInt64Array(2);

/** The kernel's wall clock (since 1970, steps with it) or monotonic clock (since boot), in nanoseconds. */
export function clockNs(clock: 'realtime' | 'monotonic'): bigint {
  libc().clock_gettime(clock === 'realtime' ? CLOCK_REALTIME : CLOCK_MONOTONIC, time);
  return (time[0] ?? 0n) * 1_000_000_000n + (time[1] ?? 0n);
}

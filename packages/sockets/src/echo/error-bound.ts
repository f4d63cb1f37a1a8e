import type { TrainOutcome } from './train-outcome.ts';
import type { EchoTrain } from './types.ts';

/** Number of echoes over loopback that measure how long this host's own stack needs for one. */
const SAMPLES = 16;
/** Interval large enough that one echo does not disturb the next. */
const INTERVAL_MS = 3;

/** The most that Linux lets its clocks run fast or slow: 500 parts per million. */
const CLOCK_TOLERANCE = 500e-6;

/**
 * The largest RTT of a few echoes to this host itself, in nanoseconds: it contains no wire, only the stack between the
 * two stamps. Undefined where loopback is down or no echo was answered.
 */
export async function measureStackNs(train: (address: string) => Promise<EchoTrain>): Promise<number | undefined> {
  for (const address of ['127.0.0.1', '::1']) {
    const { rttsNs, kernelStamped, processStamped } = await train(address);
    if (kernelStamped > 0 && processStamped === 0) return Math.max(...rttsNs.filter((rtt) => rtt >= 0));
  }
  return undefined;
}

/** The train with which `measureStackNs` measures. */
export const stackTrain = Object.freeze({ count: SAMPLES, intervalMs: INTERVAL_MS, timeoutMs: 200, sizeBytes: 56 });

/** See `EchoTrain.errorBoundNs`. */
export function errorBoundNs({ value }: TrainOutcome, stackNs: number | undefined): number | undefined {
  if (value('received') === 0) return undefined;
  if (value('kernelStamped') === 0) return value('maxProcessRttNs');
  if (stackNs === undefined) return undefined;
  return Math.max(stackNs + value('maxKernelRttNs') * CLOCK_TOLERANCE, value('maxProcessRttNs'));
}

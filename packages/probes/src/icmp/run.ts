import type { EchoProgress } from '@netsonde/sockets';
import { addressFamily } from '../contract/common-options.ts';
import type { RunContext } from '../contract/context.ts';
import { declareRunner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import { chooseAddress } from '../net/choose-address.ts';
import { kernelTimes } from '../net/kernel-times.ts';
import { type IcmpOptions, icmp } from './descriptor.ts';
import type { IcmpObservation, Train } from './observation.ts';
import { summarize } from './summarize.ts';

/** One train of echoes to the first address of the target; yields each decided echo if the run is followed. */
async function* run(context: RunContext, target: Target, options: IcmpOptions): AsyncIterable<IcmpObservation> {
  const family = addressFamily(options.family);
  const chosen = chooseAddress(await context.resolve(target.host, family), family);
  context.log(
    `echo ${chosen.address}: ${options.count} of ${options.sizeBytes} bytes, every ${options.intervalSeconds} s`,
  );
  const engine = await context.echoEngine();
  const progress = new Progress();
  const train = engine
    .train(
      {
        address: chosen.address,
        count: options.count,
        intervalMs: options.intervalSeconds * 1000,
        timeoutMs: options.timeoutSeconds * 1000,
        sizeBytes: options.sizeBytes,
        ...(options.dscp === 0 ? {} : { dscp: options.dscp }),
      },
      { signal: context.signal, ...(context.followed ? { onProgress: (echoes) => progress.add(echoes) } : {}) },
    )
    .then((ended): Train => ({ kind: 'train', ...ended, addressReason: chosen.reason }))
    .finally(() => progress.end());
  if (context.followed) yield* progress.echoes();
  const ended = await train;
  if (ended.error !== undefined) context.log(`${ended.error.call}: ${ended.error.message}`);
  yield ended;
}

/** Hands echoes from the engine's callback to the run, until the train has ended. */
class Progress {
  #echoes: EchoProgress[] = [];
  #ended = false;
  #wake: (() => void) | null = null;

  add(echoes: readonly EchoProgress[]): void {
    this.#echoes.push(...echoes);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *echoes(): AsyncIterable<IcmpObservation> {
    for (;;) {
      const ready = this.#echoes;
      this.#echoes = [];
      for (const { index, rttNs } of ready) yield { kind: 'echo', index, rttNs };
      if (this.#echoes.length > 0) continue;
      if (this.#ended) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function describe(observation: IcmpObservation): string | null {
  if (observation.kind === 'train') return null;
  const { index, rttNs } = observation;
  return Number.isNaN(rttNs) ? `echo ${index + 1}: lost` : `echo ${index + 1}: ${(rttNs / 1e6).toFixed(3)} ms`;
}

export const icmpRunner = declareRunner(icmp, { run, summarize, describe, kernelTimed: kernelTimes });

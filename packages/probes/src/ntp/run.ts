import { addressFamily } from '../contract/common-options.ts';
import type { RunContext } from '../contract/context.ts';
import { endpoint } from '../contract/network-error.ts';
import { declareRunner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import { chooseAddress } from '../net/choose-address.ts';
import { kernelTimes } from '../net/kernel-times.ts';
import { openDatagrams } from '../net/open-datagrams.ts';
import { type NtpOptions, ntp } from './descriptor.ts';
import { Exchanges } from './exchanges.ts';
import { holdOffs, kissOf } from './hold-offs.ts';
import type { NtpObservation } from './observation.ts';
import { summarizeNtp } from './summarize.ts';

/** Runs the ntp probe: a few exchanges with the first address of the target. */
export const ntpRunner = declareRunner(ntp, {
  run: runNtp,
  summarize: summarizeNtp,
  describe,
  kernelTimed: kernelTimes,
});

async function* runNtp(
  context: RunContext,
  { host, port = 0 }: Target,
  options: NtpOptions,
): AsyncGenerator<NtpObservation> {
  const family = addressFamily(options.family);
  const chosen = chooseAddress(await context.resolve(host, family), family);
  const at = endpoint(chosen.address, port);
  const held = holdOffs.of(at, context.clock.monotonicMs());
  if (held !== null) {
    context.log(`${at} is not asked for another ${Math.ceil(held.leftMs / 1000)} s: it answered ${held.kiss}`);
    yield { kind: 'target', address: at, host: chosen.address, reason: chosen.reason };
    yield { kind: 'held_off', ...held };
    return;
  }
  const socket = await openDatagrams({ family: chosen.family }, at);
  try {
    context.log(`${options.count} requests to ${at}`);
    yield { kind: 'target', address: at, host: chosen.address, reason: chosen.reason };
    const exchanges = new Exchanges(socket, context);
    const canGoOn = () => !context.signal.aborted && exchanges.kiss === null;
    for (let index = 0; index < options.count && canGoOn(); index++) {
      const dueMs = context.clock.monotonicMs() + options.intervalSeconds * 1000;
      yield* exchanges.ask(index, chosen.address, port, options.timeoutSeconds * 1000);
      if (index + 1 < options.count && canGoOn()) yield* exchanges.pause(dueMs - context.clock.monotonicMs());
    }
    if (context.signal.aborted) yield { kind: 'stopped' };
    if (exchanges.answered) holdOffs.note(at, exchanges.kiss, context.clock.monotonicMs());
  } finally {
    await socket.close();
  }
}

function describe(seen: NtpObservation): string | null {
  switch (seen.kind) {
    case 'target':
    case 'sent':
    case 'stopped':
      return null;
    case 'answered':
      return `exchange ${seen.index + 1}: ${timesText(seen)}`;
    case 'held_off':
      return `not asked for another ${Math.ceil(seen.leftMs / 1000)} s: the server answered ${seen.kiss}`;
    case 'rejected':
      return `an answer was rejected: wrong ${seen.why}`;
    case 'local_fault':
      return `a fault of this host: ${seen.code}`;
    case 'error':
      return `${seen.code}${seen.from === null ? '' : ` reported by ${seen.from}`}`;
  }
}

function timesText(seen: Extract<NtpObservation, { kind: 'answered' }>): string {
  const kiss = kissOf(seen);
  if (kiss !== null) return `the server answered ${kiss}`;
  if (seen.times === null) return 'the server gave no time that can be used';
  return `offset ${seen.times.offsetMs.toFixed(3)} ms, delay ${seen.times.delayMs.toFixed(3)} ms`;
}

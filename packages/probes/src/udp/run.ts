import { addressFamily } from '../contract/common-options.ts';
import type { RunContext } from '../contract/context.ts';
import { endpoint } from '../contract/network-error.ts';
import { declareRunner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import { chooseAddress } from '../net/choose-address.ts';
import { kernelTimes } from '../net/kernel-times.ts';
import { openDatagrams } from '../net/open-datagrams.ts';
import { type UdpOptions, udp } from './descriptor.ts';
import { exchange } from './exchange.ts';
import type { UdpObservation } from './observation.ts';
import type { Flaws } from './payload.ts';
import { summarizeUdp } from './summarize.ts';

/** Runs the udp probe: a paced train of datagrams to the first address of the target. */
export const udpRunner = declareRunner(udp, {
  run: runUdp,
  summarize: summarizeUdp,
  describe,
  kernelTimed: kernelTimes,
});

async function* runUdp(
  context: RunContext,
  { host, port = 0 }: Target,
  options: UdpOptions,
): AsyncGenerator<UdpObservation> {
  const wanted = addressFamily(options.family);
  const chosen = chooseAddress(await context.resolve(host, wanted), wanted);
  const at = endpoint(chosen.address, port);
  const { family } = chosen;
  const { dscp } = options;
  const socket = await openDatagrams({ family, ...(dscp === 0 ? {} : { dscp }) }, at);
  try {
    context.log(`${options.count} datagrams of ${options.sizeBytes} bytes to ${at}`);
    yield { kind: 'target', address: chosen.address, family, reason: chosen.reason };
    for await (const seen of exchange(context, socket, { address: chosen.address, port }, options)) {
      const line = describe(seen);
      if ((seen.kind !== 'answered' || seen.truncated || seen.corrupted) && line !== null) context.log(line);
      yield seen;
    }
  } finally {
    await socket.close();
  }
}

function flawWords({ truncated, corrupted }: Pick<Extract<UdpObservation, { kind: 'answered' }>, keyof Flaws>): string {
  return `${truncated ? ', truncated' : ''}${corrupted ? ', not what was sent' : ''}`;
}

function describe(seen: UdpObservation): string | null {
  switch (seen.kind) {
    case 'target':
    case 'sent':
      return null;
    case 'answered':
      return `datagram ${seen.sequence + 1}: ${seen.rttMs.toFixed(3)} ms${flawWords(seen)}`;
    case 'not_sent':
      return `datagram ${seen.sequence + 1}: not sent, ${seen.code}`;
    case 'duplicate':
      return `datagram ${seen.sequence + 1}: answered again`;
    case 'mismatch':
      return `a datagram of ${seen.bytes} bytes is not what was sent`;
    case 'error':
      return `${seen.code}${seen.from === null ? '' : ` reported by ${seen.from}`}`;
    case 'stalled':
      return 'this process was stalled while it should have listened';
    case 'stopped':
      return `stopped with ${seen.undecided.length} datagrams under way`;
  }
}

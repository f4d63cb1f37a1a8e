import { addressFamily } from '../contract/common-options.ts';
import type { RunContext } from '../contract/context.ts';
import { endpoint, GATEWAY_SILENT } from '../contract/network-error.ts';
import { declareRunner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import { kernelTimes } from '../net/kernel-times.ts';
import { openDatagrams } from '../net/open-datagrams.ts';
import { silentGateway } from '../net/silent-gateway.ts';
import { type NtpOptions, ntp } from './descriptor.ts';
import { Exchanges } from './exchanges.ts';
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
  const [chosen] = await context.resolve(host, addressFamily(options.family));
  const at = endpoint(chosen.address, port);
  const socket = await openDatagrams({ family: chosen.family }, at);
  try {
    context.log(`${options.count} requests to ${at}`);
    yield { kind: 'target', address: at };
    const exchanges = new Exchanges(socket, context);
    for (let index = 0; index < options.count && !context.signal.aborted; index++) {
      const dueMs = context.clock.monotonicMs() + options.intervalSeconds * 1000;
      yield* exchanges.ask(index, chosen.address, port, options.timeoutSeconds * 1000);
      if (index + 1 < options.count) yield* exchanges.pause(dueMs - context.clock.monotonicMs());
    }
    if (context.signal.aborted) yield { kind: 'stopped' };
    const gateway = exchanges.answered ? null : silentGateway(chosen.address);
    if (gateway !== null) yield { kind: 'local_fault', code: GATEWAY_SILENT };
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
      return `exchange ${seen.index + 1}: offset ${seen.offsetMs.toFixed(3)} ms, delay ${seen.delayMs.toFixed(3)} ms`;
    case 'rejected':
      return `an answer was rejected: wrong ${seen.why}`;
    case 'local_fault':
      return `a fault of this host: ${seen.code}`;
    case 'error':
      return `${seen.code}${seen.from === null ? '' : ` reported by ${seen.from}`}`;
  }
}

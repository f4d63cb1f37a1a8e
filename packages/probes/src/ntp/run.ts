import { openUdpSocket, type UdpSocket } from '@netsonde/sockets';
import { addressFamily } from '../contract/common-options.ts';
import { type ResolvedAddress, type RunContext, RunFailure } from '../contract/context.ts';
import { codeOf, endpoint, faultOf, GATEWAY_SILENT } from '../contract/network-error.ts';
import { declareRunner } from '../contract/runner.ts';
import { silentGateway } from '../contract/silent-gateway.ts';
import type { Target } from '../contract/target.ts';
import { type NtpOptions, ntp } from './descriptor.ts';
import { Exchanges } from './exchanges.ts';
import type { NtpObservation } from './observation.ts';
import { summarizeNtp } from './summarize.ts';

/** Runs the ntp probe: a few exchanges with the first address of the target. */
export const ntpRunner = declareRunner(ntp, { run: runNtp, summarize: summarizeNtp, describe });

async function* runNtp(
  context: RunContext,
  { host, port = 0 }: Target,
  options: NtpOptions,
): AsyncGenerator<NtpObservation> {
  const [chosen] = await context.resolve(host, addressFamily(options.family));
  const operation = `resolve ${host}`;
  if (chosen === undefined)
    throw new RunFailure({ cause: 'no_address', side: 'target', operation }, `${host} has no address`);
  const at = endpoint(chosen.address, port);
  const socket = await open(chosen, at);
  try {
    context.log(`${options.count} requests to ${at}`);
    yield { kind: 'target', address: at };
    const exchanges = new Exchanges(socket, context);
    for (let index = 0; index < options.count && !context.signal.aborted; index++) {
      const dueMs = context.clock.monotonicMs() + options.intervalSeconds * 1000;
      yield* exchanges.ask(index, chosen.address, port, options.timeoutSeconds * 1000);
      if (index + 1 < options.count) await exchanges.pause(dueMs - context.clock.monotonicMs());
    }
    const gateway = exchanges.answered ? null : silentGateway(chosen.address);
    if (gateway !== null) yield { kind: 'not_sent', code: GATEWAY_SILENT };
  } finally {
    await socket.close();
  }
}

async function open({ family }: ResolvedAddress, at: string): Promise<UdpSocket> {
  try {
    return await openUdpSocket({ family });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RunFailure({ ...faultOf(codeOf(error), 'local'), operation: `open a socket for ${at}` }, message);
  }
}

function describe(seen: NtpObservation): string | null {
  switch (seen.kind) {
    case 'target':
    case 'sent':
      return null;
    case 'answered':
      return `exchange ${seen.index + 1}: offset ${seen.offsetMs.toFixed(3)} ms, delay ${seen.delayMs.toFixed(3)} ms`;
    case 'rejected':
      return `an answer was rejected: wrong ${seen.why}`;
    case 'not_sent':
      return `not sent: ${seen.code}`;
    case 'error':
      return `${seen.code}${seen.from === null ? '' : ` reported by ${seen.from}`}`;
  }
}

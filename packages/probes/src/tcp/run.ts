import { addressFamily } from '../contract/common-options.ts';
import type { ResolvedAddress, RunContext } from '../contract/context.ts';
import { endpoint, GATEWAY_SILENT } from '../contract/network-error.ts';
import { declareRunner } from '../contract/runner.ts';
import { silentGateway } from '../contract/silent-gateway.ts';
import type { Target } from '../contract/target.ts';
import { type Attempt, connectOnce } from './connect.ts';
import { type TcpOptions, tcp } from './descriptor.ts';
import { exchangeEcho } from './echo-exchange.ts';
import { connectionStateOf } from './kernel-state.ts';
import { loremSentences } from './lorem.ts';
import type { TcpObservation } from './observation.ts';
import { summarizeTcp } from './summarize.ts';

/** Of a name with more addresses only the first few are tried, so that each gets a fair share of the timeout. */
const MOST_ADDRESSES = 4;

/** Runs the tcp probe: addresses one after the other until one connects, then the echo when it was asked for. */
export const tcpRunner = declareRunner(tcp, {
  run: runTcp,
  summarize: summarizeTcp,
  describe(seen: TcpObservation) {
    switch (seen.kind) {
      case 'attempt_failed':
        return `${seen.address}: ${seen.code} after ${seen.afterMs.toFixed(1)} ms`;
      case 'connected':
        return `connected to ${seen.address} in ${seen.connectMs.toFixed(3)} ms`;
      case 'echoed':
        return seen.echo.end === 'verified'
          ? `echo of ${seen.sentBytes} bytes verified in ${seen.echo.rttMs.toFixed(3)} ms`
          : `echo: ${seen.echo.end} after ${seen.echo.bytes} of ${seen.sentBytes} bytes`;
    }
  },
});

async function* runTcp(
  context: RunContext,
  { host, port = 0 }: Target,
  options: TcpOptions,
): AsyncGenerator<TcpObservation> {
  const addresses = (await context.resolve(host, addressFamily(options.family))).slice(0, MOST_ADDRESSES);
  const { clock, signal } = context;
  const untilMs = clock.monotonicMs() + options.timeoutSeconds * 1000;
  for (const [index, resolved] of addresses.entries()) {
    const timeoutMs = Math.max(1, (untilMs - clock.monotonicMs()) / (addresses.length - index));
    const attempt = await connectOnce(resolved, { port, timeoutMs, dscp: options.dscp, clock, signal });
    if (attempt.socket === null) {
      const failed = explained(attempt, resolved.address);
      context.log(`connect ${endpoint(resolved.address, port)}: ${failed.code} after ${failed.afterMs.toFixed(3)} ms`);
      yield { kind: 'attempt_failed', address: resolved.address, ...failed };
    } else {
      yield* useConnection(context, attempt, resolved, options);
      return;
    }
  }
}

/** What unanswered SYNs come from when this host's own gateway is gone. */
function explained({ socket: _, ...failed }: Extract<Attempt, { socket: null }>, address: string) {
  const unanswered = failed.code === 'timeout' || failed.code === 'EHOSTUNREACH';
  return unanswered && silentGateway(address) !== null ? { ...failed, code: GATEWAY_SILENT } : failed;
}

async function* useConnection(
  context: RunContext,
  { socket, connectMs }: Extract<Attempt, { connectMs: number }>,
  { address, family }: ResolvedAddress,
  options: TcpOptions,
): AsyncGenerator<TcpObservation> {
  try {
    const state = connectionStateOf(socket);
    context.permit(socket.remoteAddress ?? address);
    context.log(`connected to ${address} in ${connectMs.toFixed(3)} ms`);
    yield { kind: 'connected', address, family, connectMs, state };
    if (options.echo === 'none') return;
    const payload = Buffer.from(payloadOf(options, context));
    const { clock, signal } = context;
    const echo = await exchangeEcho(socket, { payload, timeoutMs: options.timeoutSeconds * 1000, clock, signal });
    context.log(`echo of ${payload.length} bytes: ${echo.end}, ${echo.bytes} bytes came back as sent`);
    yield { kind: 'echoed', sentBytes: payload.length, echo };
  } finally {
    socket.destroy();
  }
}

/** A line end closes the text, so that services that answer line by line answer too. */
function payloadOf({ echo, send, sentences }: TcpOptions, context: RunContext): string {
  return `${echo === 'lorem' ? loremSentences(sentences, () => context.random()) : send}\n`;
}

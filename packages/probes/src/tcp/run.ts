import { addressFamily } from '../contract/common-options.ts';
import type { RunContext } from '../contract/context.ts';
import { declareRunner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import { type Connection, dialAny } from '../net/dial-any.ts';
import { kernelTimes } from '../net/kernel-times.ts';
import { Patience } from '../net/patience.ts';
import { type TcpOptions, tcp } from './descriptor.ts';
import { exchangeEcho } from './echo-exchange.ts';
import { connectionStateOf } from './kernel-state.ts';
import { loremSentences } from './lorem.ts';
import type { TcpObservation } from './observation.ts';
import { summarizeTcp } from './summarize.ts';

/** Runs the tcp probe: addresses race until one connects, then the echo if it is enabled. */
export const tcpRunner = declareRunner(tcp, {
  run: runTcp,
  summarize: summarizeTcp,
  kernelTimed: ({ echo }) => echo === 'none' && kernelTimes(),
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
  const addresses = await context.resolve(host, addressFamily(options.family));
  const patience = new Patience(context.clock, options.timeoutSeconds * 1000);
  const { connection, failed } = await dialAny(context, addresses, { port, patience, dscp: options.dscp });
  for (const attempt of failed) yield { kind: 'attempt_failed', ...attempt };
  if (connection !== null) yield* useConnection(context, connection, options);
}

async function* useConnection(
  context: RunContext,
  { socket, connectMs, connectBy, connectDuring, startedMs, address, family }: Connection,
  options: TcpOptions,
): AsyncGenerator<TcpObservation> {
  try {
    const state = connectionStateOf(socket);
    yield { kind: 'connected', address, family, connectMs, connectBy, connectDuring, startedMs, state };
    if (options.echo === 'none') return;
    const payload = Buffer.from(payloadOf(options, context));
    const { clock, signal } = context;
    const patience = new Patience(clock, options.timeoutSeconds * 1000);
    const echo = await exchangeEcho(socket, { payload, patience, clock, signal });
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

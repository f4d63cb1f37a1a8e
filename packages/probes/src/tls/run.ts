import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { addressFamily } from '../contract/common-options.ts';
import { type RunContext, RunFailure } from '../contract/context.ts';
import { declareRunner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import { type Connection, dialAny } from '../net/dial-any.ts';
import { Patience } from '../net/patience.ts';
import { type Secured as Handshake, secureOver } from '../net/secure.ts';
import { isFor } from '../net/server-identity.ts';
import { trustIn } from '../net/trust.ts';
import { factsOf } from './certificate-facts.ts';
import { checkChain } from './chain.ts';
import { type TlsOptions, tls } from './descriptor.ts';
import type { Secured, TlsObservation } from './observation.ts';
import { summarize } from './summarize.ts';

const MOST_SENT = 20;
const FAREWELL_MS = 100;

/** Connects to the first address that lets it, and runs one handshake. */
async function* run(context: RunContext, target: Target, options: TlsOptions): AsyncGenerator<TlsObservation> {
  const { host, port = 443 } = target;
  const addresses = await context.resolve(host, addressFamily(options.family));
  const patience = new Patience(context.clock, options.timeoutSeconds * 1000);
  const { connection, failed } = await dialAny(context, addresses, { port, patience });
  for (const { address, code, reporter, afterMs } of failed)
    yield { kind: 'attempt_failed', address, code, reporter, afterMs };
  if (connection === null) return;
  try {
    yield await handshake(context, host, connection, options, patience);
  } finally {
    connection.socket.destroy();
  }
}

async function handshake(
  context: RunContext,
  host: string,
  { address, socket, connectMs }: Connection,
  options: TlsOptions,
  patience: Patience,
): Promise<TlsObservation> {
  const { clock, signal } = context;
  socket.on('error', ignore);
  const trust = trustIn(options.ca);
  const anchors = trust.anchors();
  const servername = options.servername === '' ? host : options.servername;
  const { context: secureContext } = trust;
  const settings = {
    servername,
    context: secureContext,
    alpn: options.alpn,
    wantStaple: true,
    patience,
    clock,
    signal,
  };
  const secured = await secureOver(socket, settings);
  if (secured.secure === null) {
    const { code, afterMs } = secured;
    context.log(`handshake with ${address}: ${code} after ${afterMs.toFixed(3)} ms`);
    return { kind: 'handshake_failed', address, connectMs, code, afterMs };
  }
  secured.secure.on('error', ignore);
  try {
    return { ...judged(context, secured, secured.secure, servername, anchors), address, connectMs };
  } finally {
    await farewell(secured.secure);
  }
}

/** Ends a connection so that the server sees a whole handshake and a whole end of it, but waits little for its answer. */
function farewell(secure: TLSSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => secure.destroy(), FAREWELL_MS);
    secure.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    secure.resume();
    secure.end();
  });
}

type Judged = Omit<Secured, 'address' | 'connectMs'>;

/** @throws RunFailure when the server showed no certificate (an anonymous cipher suite). */
function judged(
  { clock, log }: RunContext,
  { handshakeMs, chainFault, stapleBytes }: Extract<Handshake, { handshakeMs: number }>,
  secure: TLSSocket,
  name: string,
  anchors: ReadonlyMap<string, readonly X509Certificate[]>,
): Judged {
  const leaf = secure.getPeerX509Certificate();
  if (leaf === undefined)
    throw new RunFailure(
      { cause: 'tls_failed', side: 'target', operation: 'read the server’s certificate' },
      'the server showed no certificate',
    );
  const sent = sentWith(leaf);
  const wallMs = clock.wallMs();
  const startedMs = clock.monotonicMs();
  const { path, fault } = checkChain(leaf, sent, anchors, wallMs);
  const validationMs = clock.monotonicMs() - startedMs;
  log(
    `handshake in ${handshakeMs.toFixed(3)} ms; chain: ${chainFault ?? 'valid'} (checked apart: ${fault ?? 'valid'})`,
  );
  return {
    kind: 'secured',
    handshakeMs,
    validationMs,
    path: path.map(factsOf),
    sent: 1 + sent.length,
    chainFault,
    timedFault: fault,
    name,
    nameMatches: isFor(leaf, name),
    stapled: stapleBytes > 0,
    protocol: secure.getProtocol() ?? '',
    cipher: secure.getCipher().standardName,
    alpn: secure.alpnProtocol || null,
    wallMs,
  };
}

/** The certificates that came with the server's own. */
function sentWith(leaf: X509Certificate): readonly X509Certificate[] {
  const sent: X509Certificate[] = [];
  for (
    let next = leaf.issuerCertificate;
    next !== undefined && sent.length < MOST_SENT;
    next = next.issuerCertificate
  ) {
    if (sent.at(-1)?.fingerprint256 === next.fingerprint256) break;
    sent.push(next);
  }
  return sent;
}

function describe(seen: TlsObservation): string | null {
  switch (seen.kind) {
    case 'attempt_failed':
      return `${seen.address}: ${seen.code} after ${seen.afterMs.toFixed(1)} ms`;
    case 'handshake_failed':
      return `${seen.address}: handshake ${seen.code} after ${seen.afterMs.toFixed(1)} ms`;
    case 'secured':
      return `${seen.address}: ${seen.protocol} in ${seen.handshakeMs.toFixed(3)} ms, chain ${seen.chainFault ?? 'valid'}`;
  }
}

/** A socket that nobody waits for may still fail. */
function ignore(): void {}

/** Runs the tls probe. */
export const tlsRunner = declareRunner(tls, { run, summarize, describe });

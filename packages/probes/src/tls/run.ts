import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { addressFamily } from '../contract/common-options.ts';
import { type RunContext, RunFailure } from '../contract/context.ts';
import { CLIENT_CERTIFICATE_REQUIRED, codeOf, faultOf } from '../contract/network-error.ts';
import { declareRunner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import { type Connection, dialAny } from '../net/dial-any.ts';
import { Patience } from '../net/patience.ts';
import { type Shown, secureOver } from '../net/secure.ts';
import { isFor } from '../net/server-identity.ts';
import { trustIn } from '../net/trust.ts';
import { factsOf } from './certificate-facts.ts';
import { checkChain } from './chain.ts';
import { type TlsOptions, tls } from './descriptor.ts';
import type { Secured, TlsObservation } from './observation.ts';
import { summarize } from './summarize.ts';

/** OpenSSL reads no more than 100 KB of certificates, so this count is never reached. */
const MOST_SENT = 1000;
const FAREWELL_MS = 100;
const LONGEST_VERDICT_MS = 900;

/** Connects to the first address that accepts, and runs one handshake. */
async function* run(context: RunContext, target: Target, options: TlsOptions): AsyncGenerator<TlsObservation> {
  const { host, port = 443 } = target;
  const addresses = await context.resolve(host, addressFamily(options.family));
  const patience = new Patience(context.clock, options.timeoutSeconds * 1000);
  const { connection, failed } = await dialAny(context, addresses, { port, patience });
  for (const { address, code, reporter, startedMs, afterMs } of failed)
    yield { kind: 'attempt_failed', address, code, reporter, startedMs, afterMs };
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
  { address, socket, connectMs, connectBy, connectDuring, startedMs }: Connection,
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
  const end = { address, connectMs, connectBy, connectDuring, startedMs };
  if (secured.secure === null) {
    const { code, afterMs, shown } = secured;
    context.log(`handshake with ${address}: ${code} after ${afterMs.toFixed(3)} ms`);
    if (code === CLIENT_CERTIFICATE_REQUIRED && shown !== null)
      return {
        ...judged(context, shown, servername, anchors),
        handshakeMs: null,
        handshakeDuring: [],
        wantsClientCertificate: true,
        ...end,
      };
    return { kind: 'handshake_failed', code, afterMs, ...end };
  }
  const { secure, handshakeMs, during, chainFault, stapleBytes } = secured;
  secure.on('error', ignore);
  try {
    const leaf = secured.shown?.leaf ?? secure.getPeerX509Certificate();
    if (leaf === undefined)
      throw new RunFailure(
        { cause: 'tls_failed', side: 'target', operation: 'read the server’s certificate' },
        'the server showed no certificate',
      );
    const shown = {
      leaf,
      stapleBytes,
      protocol: secure.getProtocol() ?? '',
      cipher: secure.getCipher().standardName,
    };
    const seen = judged(context, shown, servername, anchors, chainFault);
    const wantsClientCertificate =
      shown.protocol === 'TLSv1.3' &&
      (await refusesUs(secure, Math.min(LONGEST_VERDICT_MS, FAREWELL_MS + 2 * handshakeMs)));
    context.log(
      `handshake in ${handshakeMs.toFixed(3)} ms${wantsClientCertificate ? ', then a client certificate is wanted' : ''}`,
    );
    const timed = { handshakeMs, handshakeDuring: [during] };
    return { ...seen, ...timed, wantsClientCertificate, alpn: secure.alpnProtocol || null, ...end };
  } finally {
    await farewell(secure);
  }
}

/**
 * Whether the server refuses a client without a certificate. In TLS 1.3 the handshake ends on this side before the
 * server has seen that. The server then sends an alert, or tickets or data, or stays silent. The probe sends nothing
 * meanwhile: a server that has closed would answer with a reset, and the alert would be lost.
 * Source: RFC 8446 section 6.2
 */
function refusesUs(secure: TLSSocket, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (refused: boolean) => {
      clearTimeout(timer);
      secure.off('session', accepted).off('data', accepted).off('close', accepted).off('error', failed);
      resolve(refused);
    };
    const accepted = () => end(false);
    const failed = (error: Error) => end(faultOf(codeOf(error)).cause === 'client_certificate_required');
    const timer = setTimeout(accepted, waitMs);
    secure.on('session', accepted).on('data', accepted).on('close', accepted).on('error', failed);
    secure.resume();
    if (secure.destroyed) accepted();
  });
}

/**
 * Closes a connection cleanly, so that the server sees a complete handshake and end, but waits only briefly for its
 * answer.
 */
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

type Judged = Omit<
  Secured,
  | 'address'
  | 'connectMs'
  | 'connectBy'
  | 'connectDuring'
  | 'startedMs'
  | 'handshakeMs'
  | 'handshakeDuring'
  | 'wantsClientCertificate'
>;

/**
 * @param chainFault OpenSSL's verdict; undefined where the handshake ended before it was available; the probe's own
 * verdict then counts.
 */
function judged(
  { clock, log }: RunContext,
  { leaf, stapleBytes, protocol, cipher }: Shown,
  name: string,
  anchors: ReadonlyMap<string, readonly X509Certificate[]>,
  chainFault?: string | null,
): Judged {
  const sent = sentWith(leaf);
  const wallMs = clock.wallMs();
  const startedMs = clock.monotonicMs();
  const { path, fault } = checkChain(leaf, sent, anchors, wallMs);
  const validationDuring = { fromMs: startedMs, toMs: clock.monotonicMs() };
  const decisive = chainFault === undefined ? fault : chainFault;
  log(`chain: ${decisive ?? 'valid'} (checked apart: ${fault ?? 'valid'})`);
  return {
    kind: 'secured',
    validationMs: validationDuring.toMs - startedMs,
    validationDuring,
    path: path.map(factsOf),
    sent: 1 + sent.length,
    chainFault: decisive,
    timedFault: fault,
    name,
    nameMatches: isFor(leaf, name),
    stapled: stapleBytes > 0,
    protocol,
    cipher,
    alpn: null,
    wallMs,
  };
}

/** The certificates that the server sent with its own. */
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
      return `${seen.address}: ${seen.protocol} ${shownMs(seen)}, chain ${seen.chainFault ?? 'valid'}`;
  }
}

const shownMs = ({ handshakeMs }: Secured): string =>
  handshakeMs === null ? 'refused for want of a client certificate' : `in ${handshakeMs.toFixed(3)} ms`;

/** A discarded socket may still emit an error. */
function ignore(): void {}

/** Runs the tls probe. */
export const tlsRunner = declareRunner(tls, { run, summarize, describe });

import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext, TLSSocket } from 'node:tls';
import { handshakeFault } from '../contract/certificate-fault.ts';
import { addressFamily } from '../contract/common-options.ts';
import { type Addresses, type RunContext, RunFailure } from '../contract/context.ts';
import { endpoint, explained } from '../contract/network-error.ts';
import type { Finding } from '../contract/outcome.ts';
import { attemptsOf } from '../figures/attempts-detail.ts';
import { type Connection as Dialled, dialAny } from '../net/dial-any.ts';
import type { Patience } from '../net/patience.ts';
import { secureOver } from '../net/secure.ts';
import { isFor } from '../net/server-identity.ts';
import { trustIn } from '../net/trust.ts';
import type { HttpOptions } from './descriptor.ts';
import type { Connected, Hop, TlsFacts } from './observation.ts';
import type { Origin } from './origin.ts';

const ALPN = ['http/1.1'];

/** An open connection to an origin. */
export interface Link {
  readonly stream: Duplex;
  readonly raw: Socket;
  /** Whether it carried an earlier request. */
  readonly kept: boolean;
  /** Bytes that the socket had read before this request. */
  readonly bytesBefore: number;
}

/** The result of opening a connection or reusing one. Without a link there is a finding. */
export interface Opened extends Pick<Hop, 'dnsMs' | 'dnsDuring' | 'failedAttempts' | 'attempts' | 'originKnown'> {
  readonly connection: Connected | null;
  readonly link: Link | null;
  readonly finding: Finding | null;
}

interface Kept {
  readonly stream: Duplex;
  readonly raw: Socket;
  readonly facts: Pick<Connected, 'address' | 'tls'>;
  /** Ends the watch over the idle connection. */
  readonly unguard: () => void;
}

type Resolved = Pick<Opened, 'dnsMs' | 'dnsDuring' | 'originKnown'>;

/** A connection to which this request's hop added no time. */
const UNTIMED = { connectMs: null, connectBy: null, connectDuring: [], tlsMs: null, tlsDuring: [] } as const;
const UNRESOLVED = { dnsMs: null, dnsDuring: [] } as const;

/** The connections of one run: at most one idle one for each origin, all closed with the run. */
export class Connections {
  readonly #context: RunContext;
  readonly #options: HttpOptions;
  readonly #idle = new Map<string, Kept>();
  readonly #known = new Set<string>();
  readonly #addresses = new Map<string, Addresses>();

  constructor(context: RunContext, options: HttpOptions) {
    this.#context = context;
    this.#options = options;
  }

  /**
   * A kept connection to the origin, or a new one; network failures are findings.
   * @throws the signal's reason, and only that
   */
  async open(origin: Origin, patience: Patience): Promise<Opened> {
    const originKnown = this.#known.has(origin.key);
    const kept = this.#idle.get(origin.key);
    this.#idle.delete(origin.key);
    kept?.unguard();
    if (kept !== undefined && !kept.raw.destroyed && kept.stream.writable && !kept.raw.readableEnded) {
      const connection = { ...kept.facts, ...UNTIMED };
      const { stream, raw } = kept;
      const link = { stream, raw, kept: true, bytesBefore: raw.bytesRead };
      return { ...UNRESOLVED, failedAttempts: [], originKnown, connection, link, finding: null };
    }
    const { clock } = this.#context;
    const startedMs = clock.monotonicMs();
    try {
      const known = this.#addresses.get(origin.host);
      const addresses = known ?? (await this.#context.resolve(origin.host, addressFamily(this.#options.family)));
      const during = { fromMs: startedMs, toMs: clock.monotonicMs() };
      const isResolved = known === undefined && isIP(origin.host) === 0;
      const times = isResolved ? { dnsMs: during.toMs - startedMs, dnsDuring: [during] } : UNRESOLVED;
      this.#addresses.set(origin.host, addresses);
      return await this.#connect(origin, addresses, { ...times, originKnown }, patience);
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error;
      this.#context.log(error.message);
      return { ...UNRESOLVED, originKnown, failedAttempts: [], connection: null, link: null, finding: error.finding };
    }
  }

  /** Keeps a connection for the next request to its origin. */
  keep(origin: Origin, { stream, raw }: Link, { address, tls }: Connected): void {
    // Unsolicited data on an idle connection would be read as the next answer.
    const guard = () => raw.destroy();
    stream.on('data', guard);
    stream.on('end', guard);
    const unguard = () => stream.removeListener('data', guard).removeListener('end', guard);
    this.#idle.set(origin.key, { stream, raw, facts: { address, tls }, unguard });
  }

  close(): void {
    for (const { stream, raw } of this.#idle.values()) {
      stream.destroy();
      raw.destroy();
    }
    this.#idle.clear();
  }

  async #connect(origin: Origin, addresses: Addresses, resolved: Resolved, patience: Patience): Promise<Opened> {
    const { port, secure } = origin;
    const dialled = await dialAny(this.#context, addresses, { port, patience });
    const failedAttempts = dialled.failed.map(({ address, code }) => ({
      address: endpoint(address, port),
      error: code,
    }));
    const attempts = attemptsOf(dialled, port);
    if (dialled.connection === null) {
      const { finding } = dialled;
      return { ...resolved, ...attempts, failedAttempts, connection: null, link: null, finding };
    }
    this.#known.add(origin.key);
    dialled.connection.socket.on('error', ignore);
    const opened = secure ? await this.#handshake(origin, dialled.connection, patience) : plainLink(dialled.connection);
    const { connection, link, finding } = opened;
    return { ...resolved, ...attempts, failedAttempts, connection, link, finding };
  }

  /** @throws RunFailure when the option `ca` cannot be read. */
  #secureContext(raw: Socket): SecureContext {
    try {
      return trustIn(this.#options.ca).context;
    } catch (error) {
      raw.destroy();
      throw error;
    }
  }

  async #handshake(
    origin: Origin,
    { address, socket: raw, connectMs, connectBy, connectDuring }: Dialled,
    patience: Patience,
  ): Promise<Pick<Opened, 'connection' | 'link' | 'finding'>> {
    const { clock, signal, log } = this.#context;
    const context = this.#secureContext(raw);
    const handshake = { servername: origin.host, context, alpn: ALPN, wantStaple: false, patience, clock, signal };
    const secured = await secureOver(raw, handshake);
    const connected = { address, connectMs, connectBy, connectDuring };
    const operation = `TLS handshake with ${origin.host} at ${endpoint(address, origin.port)}`;
    if (secured.secure === null) {
      log(`${operation}: ${secured.code} after ${secured.afterMs.toFixed(3)} ms`);
      const connection = { ...connected, tlsMs: null, tlsDuring: [], tls: null };
      return {
        connection,
        link: null,
        finding: { ...handshakeFault(secured.code, address), operation: explained(operation, secured.code) },
      };
    }
    const { secure: stream, handshakeMs, during, chainFault } = secured;
    stream.on('error', ignore);
    log(`${operation} in ${handshakeMs.toFixed(3)} ms`);
    const tls = factsOf(stream, origin.host, chainFault);
    const connection = { ...connected, tlsMs: handshakeMs, tlsDuring: [during], tls };
    return { connection, link: { stream, raw, kept: false, bytesBefore: 0 }, finding: null };
  }
}

function plainLink({
  socket: raw,
  address,
  connectMs,
  connectBy,
  connectDuring,
}: Dialled): Pick<Opened, 'connection' | 'link' | 'finding'> {
  const link = { stream: raw, raw, kept: false, bytesBefore: 0 };
  const connection = { address, connectMs, connectBy, connectDuring, tlsMs: null, tlsDuring: [], tls: null };
  return { connection, link, finding: null };
}

function factsOf(stream: TLSSocket, host: string, chainFault: string | null): TlsFacts {
  const certificate = stream.getPeerCertificate();
  const endsMs = Date.parse(certificate.valid_to ?? '');
  const leaf = stream.getPeerX509Certificate();
  const misnamed = chainFault === null && (leaf === undefined || !isFor(leaf, host));
  return {
    protocol: stream.getProtocol() ?? '',
    cipher: stream.getCipher().standardName,
    notAfterMs: Number.isNaN(endsMs) ? null : endsMs,
    issuer: String(certificate.issuer?.CN ?? certificate.issuer?.O ?? ''),
    fault: chainFault ?? (misnamed ? 'HOSTNAME_MISMATCH' : null),
  };
}

/** A discarded socket may still emit an error. */
function ignore(): void {}

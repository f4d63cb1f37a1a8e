import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, type SecureContext, type TLSSocket } from 'node:tls';
import { handshakeFault } from '../contract/certificate-fault.ts';
import { addressFamily } from '../contract/common-options.ts';
import { type ResolvedAddress, type RunContext, RunFailure } from '../contract/context.ts';
import { dial } from '../contract/dial.ts';
import { endpoint, faultOf, type NetworkFault, type Reporter } from '../contract/network-error.ts';
import type { Finding } from '../contract/outcome.ts';
import { secureOver } from '../contract/secure.ts';
import { trustIn } from '../contract/trust.ts';
import type { HttpOptions } from './descriptor.ts';
import type { Connected, Hop, TlsFacts } from './observation.ts';
import type { Origin } from './origin.ts';
import type { Patience } from './patience.ts';

/** Of a name with more addresses only the first few are tried, so that each gets a fair share of the timeout. */
const MOST_ADDRESSES = 4;
const ALPN = ['http/1.1'];

/** An open connection to an origin. */
export interface Link {
  readonly stream: Duplex;
  readonly raw: Socket;
  /** It carried a request before. */
  readonly kept: boolean;
  /** What the socket had read before this request. */
  readonly bytesBefore: number;
}

/** What opening a connection (or finding a kept one) told. Without a link there is a finding. */
export interface Opened extends Pick<Hop, 'dnsMs' | 'failedAttempts' | 'originKnown'> {
  readonly connection: Connected | null;
  readonly link: Link | null;
  readonly finding: Finding | null;
}

interface Kept {
  readonly stream: Duplex;
  readonly raw: Socket;
  readonly facts: Omit<Connected, 'connectMs' | 'tlsMs'>;
}

type Resolved = Pick<Opened, 'dnsMs' | 'originKnown'>;

/** The connections of one run: at most one idle one for each origin, all closed with the run. */
export class Connections {
  readonly #context: RunContext;
  readonly #options: HttpOptions;
  readonly #idle = new Map<string, Kept>();
  readonly #known = new Set<string>();
  readonly #addresses = new Map<string, readonly ResolvedAddress[]>();

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
    if (kept !== undefined && !kept.raw.destroyed && kept.stream.writable && !kept.raw.readableEnded) {
      const connection = { ...kept.facts, connectMs: null, tlsMs: null };
      const { stream, raw } = kept;
      const link = { stream, raw, kept: true, bytesBefore: raw.bytesRead };
      return { dnsMs: null, failedAttempts: [], originKnown, connection, link, finding: null };
    }
    const { clock } = this.#context;
    const startedMs = clock.monotonicMs();
    try {
      const known = this.#addresses.get(origin.host);
      const addresses = known ?? (await this.#context.resolve(origin.host, addressFamily(this.#options.family)));
      const tookMs = clock.monotonicMs() - startedMs;
      const dnsMs = known !== undefined || isIP(origin.host) !== 0 ? null : tookMs;
      patience.extend(tookMs);
      this.#addresses.set(origin.host, addresses);
      return await this.#connect(origin, addresses, { dnsMs, originKnown }, patience);
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error;
      this.#context.log(error.message);
      return { dnsMs: null, originKnown, failedAttempts: [], connection: null, link: null, finding: error.finding };
    }
  }

  /** Keeps a connection for the next request to its origin. */
  keep(origin: Origin, { stream, raw }: Link, { address, tls }: Connected): void {
    this.#idle.set(origin.key, { stream, raw, facts: { address, tls } });
  }

  close(): void {
    for (const { stream, raw } of this.#idle.values()) {
      stream.destroy();
      raw.destroy();
    }
    this.#idle.clear();
  }

  async #connect(
    origin: Origin,
    addresses: readonly ResolvedAddress[],
    resolved: Resolved,
    patience: Patience,
  ): Promise<Opened> {
    const { clock, signal, log } = this.#context;
    const failedAttempts: { address: string; error: string }[] = [];
    let finding: Finding = { cause: 'no_address', side: 'target', operation: `resolve ${origin.host}` };
    const attempts = Math.min(addresses.length, MOST_ADDRESSES);
    for (let index = 0; index < attempts; index += 1) {
      const candidate = addresses[index] as ResolvedAddress;
      const timeoutMs = patience.share(attempts - index);
      const dialled = await dial(candidate, { port: origin.port, timeoutMs, clock, signal });
      const where = endpoint(candidate.address, origin.port);
      if (dialled.socket !== null) {
        log(`connected to ${where} in ${dialled.connectMs.toFixed(3)} ms`);
        this.#known.add(origin.key);
        const { socket, connectMs } = dialled;
        this.#admit(socket, candidate.address);
        const secured = origin.secure
          ? await this.#handshake(origin, candidate.address, socket, connectMs, patience)
          : plainLink(socket, candidate.address, connectMs);
        const { connection, link } = secured;
        const { dnsMs, originKnown } = resolved;
        return { dnsMs, originKnown, failedAttempts, connection, link, finding: secured.finding };
      }
      log(`connect ${where}: ${dialled.code} after ${dialled.afterMs.toFixed(3)} ms`);
      failedAttempts.push({ address: where, error: dialled.code });
      finding = { ...connectFault(dialled.code, dialled.reporter), operation: `connect ${where}` };
    }
    return { ...resolved, failedAttempts, connection: null, link: null, finding };
  }

  /** @throws RunFailure when the agent's policy refuses the address that the socket is connected to. */
  #admit(raw: Socket, address: string): void {
    raw.on('error', ignore);
    try {
      this.#context.permit(raw.remoteAddress ?? address);
    } catch (error) {
      raw.destroy();
      throw error;
    }
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
    address: string,
    raw: Socket,
    connectMs: number,
    patience: Patience,
  ): Promise<Pick<Opened, 'connection' | 'link' | 'finding'>> {
    const { clock, signal, log } = this.#context;
    const context = this.#secureContext(raw);
    const timeoutMs = patience.leftMs();
    const handshake = { servername: origin.host, context, alpn: ALPN, wantStaple: false, timeoutMs, clock, signal };
    const secured = await secureOver(raw, handshake);
    const operation = `TLS handshake with ${origin.host} at ${endpoint(address, origin.port)}`;
    if (secured.secure === null) {
      log(`${operation}: ${secured.code} after ${secured.afterMs.toFixed(3)} ms`);
      const connection = { address, connectMs, tlsMs: null, tls: null };
      return { connection, link: null, finding: { ...handshakeFault(secured.code), operation } };
    }
    const { secure: stream, handshakeMs, chainFault } = secured;
    stream.on('error', ignore);
    log(`${operation} in ${handshakeMs.toFixed(3)} ms`);
    const connection = { address, connectMs, tlsMs: handshakeMs, tls: factsOf(stream, origin.host, chainFault) };
    return { connection, link: { stream, raw, kept: false, bytesBefore: 0 }, finding: null };
  }
}

function plainLink(raw: Socket, address: string, connectMs: number): Pick<Opened, 'connection' | 'link' | 'finding'> {
  const link = { stream: raw, raw, kept: false, bytesBefore: 0 };
  return { connection: { address, connectMs, tlsMs: null, tls: null }, link, finding: null };
}

/** An unanswered SYN says nothing of where it was lost: the path. */
const connectFault = (code: string, reporter: Reporter): NetworkFault =>
  code === 'timeout' ? { cause: 'timeout', side: 'path' } : faultOf(code, reporter);

function factsOf(stream: TLSSocket, host: string, chainFault: string | null): TlsFacts {
  const certificate = stream.getPeerCertificate();
  const endsMs = Date.parse(certificate.valid_to ?? '');
  const misnamed = chainFault === null && checkServerIdentity(host, certificate) !== undefined;
  return {
    protocol: stream.getProtocol() ?? '',
    cipher: stream.getCipher().standardName,
    notAfterMs: Number.isNaN(endsMs) ? null : endsMs,
    issuer: String(certificate.issuer?.CN ?? certificate.issuer?.O ?? ''),
    fault: chainFault ?? (misnamed ? 'HOSTNAME_MISMATCH' : null),
  };
}

/** A socket that nobody waits for may still fail. */
function ignore(): void {}

import type { DnsConfig } from './dns-service.ts';
import type { EchoConfig } from './echo-service.ts';
import type { HttpConfig } from './http-service.ts';
import type { NtpConfig } from './ntp-service.ts';
import type { PeerConfig } from './odd-peer.ts';
import type { TlsConfig } from './tls-service.ts';

/** One service to run. `kind` says which; everything else has a default. */
export type ServiceConfig = HttpConfig | TlsConfig | DnsConfig | NtpConfig | EchoConfig | PeerConfig;

/** What a running service says of itself. */
export interface ServiceFacts {
  readonly kind: ServiceConfig['kind'];
  /** Its port; for DNS that of UDP and TCP. */
  readonly port: number;
  /** DNS over TLS and over HTTPS, where asked for. */
  readonly tlsPort?: number;
  readonly httpsPort?: number;
  /** The root that its clients must trust, where it speaks TLS. */
  readonly rootPem?: string;
  /** When its certificate ends, ms since the epoch, where it speaks TLS. */
  readonly notAfterMs?: number;
  /** When the intermediate that signs by default ends, ms since the epoch, where it speaks TLS. */
  readonly intermediateNotAfterMs?: number;
}

/** A service that runs in this process. */
export interface Service {
  readonly facts: ServiceFacts;
  /** What it saw, oldest first: requests, queries, exchanges or connections as each kind describes them (10,000 at most). */
  seen(): readonly unknown[];
  close(): Promise<void>;
}

/** Where a service listens. */
export interface Listening {
  /** The address to listen on; 127.0.0.1 when absent, all addresses when the lab starts it. */
  readonly host?: string;
  /**
   * UDP only: listen on each of these addresses instead of `host`, so that answers come from the address that was asked
   * (a socket on all addresses answers from the host's own).
   */
  readonly hosts?: readonly string[];
  /** 0 or absent: any free port. */
  readonly port?: number;
}

/** What is asked of the services process, one JSON line each. */
export type ServiceRequest = { id: number } & ServiceRequestBody;
export type ServiceRequestBody = { kind: 'seen'; index: number };

/** Its answers; id 0 carries the facts when all services run. */
export interface ServiceReply {
  readonly id: number;
  readonly facts?: readonly ServiceFacts[];
  readonly seen?: readonly unknown[];
}

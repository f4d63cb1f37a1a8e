/** What a running service says of itself. */
export interface ServiceFacts {
  readonly kind: string;
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

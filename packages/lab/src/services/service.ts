/** The facts of a running service. */
export interface ServiceFacts {
  readonly kind: string;
  /** Its port; for DNS that of UDP and TCP. */
  readonly port: number;
  /** Ports of DNS over TLS and over HTTPS, where enabled. */
  readonly tlsPort?: number;
  readonly httpsPort?: number;
  /** The root that its clients must trust, where it uses TLS. */
  readonly rootPem?: string;
  /** When its certificate expires, ms since the epoch, where it uses TLS. */
  readonly notAfterMs?: number;
  /** When the intermediate that signs by default expires, ms since the epoch, where it uses TLS. */
  readonly intermediateNotAfterMs?: number;
}

/** A service that runs in this process. */
export interface Service {
  readonly facts: ServiceFacts;
  /** Its records, oldest first: requests, queries, exchanges or connections, by kind (at most 10,000). */
  seen(): readonly unknown[];
  close(): Promise<void>;
}

/** The address and port of a service. */
export interface Listening {
  /** The address to listen on; 127.0.0.1 when absent, all addresses when the lab starts it. */
  readonly host?: string;
  /**
   * UDP only: listen on each of these addresses instead of `host`, so that each answer leaves from the address that
   * was asked (a socket on all addresses answers from the host's own).
   */
  readonly hosts?: readonly string[];
  /** 0 or absent: any free port. */
  readonly port?: number;
}

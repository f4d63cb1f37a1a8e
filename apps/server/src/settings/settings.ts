import type { Retention } from '../store/result-store.ts';

/** Certificate and key files of a server that speaks TLS itself. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** The operator's default for one option of one probe. A check that sets the option overrides it. */
export interface OptionDefault {
  readonly probe: string;
  readonly option: string;
  readonly value: number;
  /** The environment variable that set it, for messages. */
  readonly variable: string;
}

/** The validated settings of a server from its environment. */
export interface Settings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly debug: boolean;
  /** Absolute path. */
  readonly dataFolder: string;
  /** SQLite file, absolute path. */
  readonly databaseFile: string;
  /** Default duration of a test, ms. */
  readonly defaultDurationMs: number;
  /** Default interval of a test, ms. */
  readonly defaultIntervalMs: number;
  /** Interval of agents' heartbeats, ms. */
  readonly heartbeatMs: number;
  readonly optionDefaults: readonly OptionDefault[];
  /** Retention of results and their rollups. */
  readonly retention: Retention;
  readonly tls: TlsFiles | null;
  /** Addresses or networks whose `X-Forwarded-*` headers are trusted. Empty: none. */
  readonly trustedProxies: readonly string[];
  /** '' or a path with a leading and without a trailing slash. */
  readonly basePath: string;
  readonly logFormat: 'json' | 'readable';
}

/** Environment variables that hold wrong values; the message has a line for each. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly variables: readonly string[];
  constructor(faults: readonly { readonly variable: string; readonly message: string }[]) {
    super(faults.map(({ message }) => message).join('\n'));
    this.variables = faults.map(({ variable }) => variable);
  }
}

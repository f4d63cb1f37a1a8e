import type { Retention } from '../store/result-store.ts';

/** Certificate and key files of a server that speaks TLS itself. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** A default that the operator gives for one option of one probe; checks that name the option themselves win. */
export interface OptionDefault {
  readonly probe: string;
  readonly option: string;
  readonly value: number;
  /** The environment variable that gave it, for messages. */
  readonly variable: string;
}

/** Everything a server takes from its surroundings, validated. */
export interface Settings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly debug: boolean;
  /** Absolute path. */
  readonly dataFolder: string;
  /** SQLite file, absolute path. */
  readonly databaseFile: string;
  /** Duration of a test that names none, ms. */
  readonly defaultDurationMs: number;
  /** Interval of a test that names none, ms. */
  readonly defaultIntervalMs: number;
  /** Between two signs of life of an agent, ms. */
  readonly heartbeatMs: number;
  readonly optionDefaults: readonly OptionDefault[];
  /** How long results and their rollups are kept. */
  readonly retention: Retention;
  readonly tls: TlsFiles | null;
  /** Addresses or networks whose `X-Forwarded-*` headers are believed. Empty: nobody's. */
  readonly trustedProxies: readonly string[];
  /** '' or a path that begins with a slash and does not end in one. */
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

import { readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import {
  formatEnrolmentToken,
  labelFault,
  MAX_NAME_LENGTH,
  nameFault,
  parseEnrolmentToken,
  toName,
} from '@netsonde/protocol';
import { noRange, type PolicyRules, readRange } from './policy/target-policy.ts';
import { type ListenOptions, parseListenAddress } from './uplink/listen-address.ts';
import { parseServerUrl, type ServerUrl } from './uplink/server-url.ts';

/** How agent and server connect. */
export type Reach =
  | { readonly by: 'dialling'; readonly server: ServerUrl }
  | { readonly by: 'listening'; readonly listen: ListenOptions };

/** What an agent is started with. */
export interface AgentOptions {
  readonly reach: Reach;
  /** Enrolment token as users copy it; needed at the first contact only. */
  readonly token: string | null;
  readonly name: string;
  /** Folder for identity, assignment and spool. */
  readonly data: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly verbose: boolean;
  readonly logFormat: 'readable' | 'json';
  /** Certificate authorities in PEM; null: the system's. */
  readonly ca: string | null;
  readonly policy: PolicyRules;
  /** At most this many runs at once. */
  readonly maxRuns: number;
  /** Make a new key for this agent as soon as the server knows it. */
  readonly rotateKey: boolean;
}

/** Flags of the command line as the user wrote them; others are absent. */
export interface AgentFlags {
  readonly server?: string | undefined;
  /** true: at the default address. */
  readonly listen?: string | true | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly rotateKey?: boolean | undefined;
  readonly token?: string | undefined;
  readonly name?: string | undefined;
  readonly data?: string | undefined;
  readonly label?: readonly string[] | undefined;
  readonly verbose?: boolean | undefined;
  readonly ca?: string | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly maxRuns?: string | undefined;
}

/** An option that cannot be used. The message names the flag or the variable and says what to write. */
export class AgentOptionError extends Error {
  override readonly name = 'AgentOptionError';
}

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_MAX_RUNS = 4000;

/** Reads each option from its flag, else from the environment, else from the defaults. @throws AgentOptionError */
export function agentOptionsFrom(env: Env, flags: AgentFlags): AgentOptions {
  const name = given(flags.name, '--name', env, 'NETSONDE_NAME');
  const data = given(flags.data, '--data', env, 'NETSONDE_AGENT_DATA');
  const token = given(flags.token, '--token', env, 'NETSONDE_TOKEN');
  return {
    reach: readReach(env, flags),
    token: token === null ? null : tried(token.from, () => formatEnrolmentToken(parseEnrolmentToken(token.text))),
    name: name === null ? toName(hostname()) || 'agent' : checkName(name),
    data: resolve(data?.text ?? join(homedir(), '.netsonde', 'agent')),
    labels: readLabels(flags.label, env),
    verbose: flags.verbose ?? isOn('NETSONDE_VERBOSE', env),
    logFormat: readLogFormat(env.LOG_FORMAT),
    ca: readAuthorities(env, flags),
    policy: {
      allow: readRanges(flags.allow, '--allow', env, 'NETSONDE_ALLOW'),
      deny: readRanges(flags.deny, '--deny', env, 'NETSONDE_DENY'),
      only: readRanges(flags.only, '--only', env, 'NETSONDE_ONLY'),
    },
    maxRuns: readMaxRuns(given(flags.maxRuns, '--max-runs', env, 'NETSONDE_MAX_RUNS')),
    rotateKey: flags.rotateKey ?? false,
  };
}

/** A server to check: its URL, and the authorities that may have signed its certificate. */
export interface ServerPlace {
  readonly server: ServerUrl;
  /** Certificate authorities in PEM; null where none are set. */
  readonly ca: string | null;
}

/** The server that the flags, else the environment, name; null where neither does. @throws AgentOptionError */
export function serverPlaceFrom(env: Env, flags: Pick<AgentFlags, 'server' | 'ca'>): ServerPlace | null {
  const server = given(flags.server, '--server', env, 'NETSONDE_SERVER');
  if (server === null) return null;
  return { server: tried(server.from, () => parseServerUrl(server.text)), ca: readAuthorities(env, flags) };
}

/** Certificate authorities in PEM; null where none are set. */
function readAuthorities(env: Env, flags: Pick<AgentFlags, 'ca'>): string | null {
  const ca = given(flags.ca, '--ca', env, 'NETSONDE_CA');
  return ca === null ? null : tried(ca.from, () => checkCertificates(readFileSync(ca.text, 'utf8'), ca.text));
}

function checkCertificates(pem: string, file: string): string {
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error(
      `${file} holds no certificate in PEM (-----BEGIN CERTIFICATE-----): give the file of the authority`,
    );
  return pem;
}

/** A flag overrides a variable, so that users can try `--listen` where NETSONDE_SERVER is set. */
function readReach(env: Env, flags: AgentFlags): Reach {
  const server = given(flags.server, '--server', env, 'NETSONDE_SERVER');
  const listen = given(flags.listen === true ? '' : flags.listen, '--listen', env, 'NETSONDE_LISTEN');
  const both = server !== null && listen !== null && server.from.startsWith('--') === listen.from.startsWith('--');
  if (both)
    throw new AgentOptionError(`${server.from} and ${listen.from}: the agent dials or listens, write one of the two`);
  if (listen !== null && (server === null || listen.from === '--listen'))
    return { by: 'listening', listen: readListen(listen, env, flags) };
  if (server !== null) return { by: 'dialling', server: tried(server.from, () => parseServerUrl(server.text)) };
  throw new AgentOptionError(
    '--server is missing: write the URL of the server, like --server http://netsonde.example:5000, or set NETSONDE_SERVER; where only the server can reach the agent, write --listen',
  );
}

function readListen(listen: Given, env: Env, flags: AgentFlags): ListenOptions {
  const place = tried(listen.from, () => parseListenAddress(listen.text));
  const cert = given(flags.tlsCert, '--tls-cert', env, 'NETSONDE_TLS_CERT');
  const key = given(flags.tlsKey, '--tls-key', env, 'NETSONDE_TLS_KEY');
  if (cert === null && key === null) return { ...place, tls: null };
  if (cert === null || key === null)
    throw new AgentOptionError(
      `${cert === null ? '--tls-cert' : '--tls-key'} is missing: certificate and key belong together`,
    );
  const read = ({ from, text }: Given) => tried(from, () => readFileSync(text, 'latin1'));
  const files = { certFile: resolve(cert.text), keyFile: resolve(key.text) };
  return { ...place, tls: { cert: read(cert), key: read(key), files } };
}

function readLogFormat(text = ''): AgentOptions['logFormat'] {
  if (text === '' || text === 'readable') return 'readable';
  if (text === 'json') return 'json';
  throw new AgentOptionError(`LOG_FORMAT: ${JSON.stringify(text)} is neither readable nor json`);
}

interface Given {
  readonly text: string;
  /** The flag or variable that the value is from. */
  readonly from: string;
}

function given(flag: string | undefined, name: string, env: Env, variable: string): Given | null {
  if (flag !== undefined) return { text: flag, from: name };
  const text = env[variable];
  return text === undefined || text === '' ? null : { text, from: variable };
}

function tried<T>(from: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AgentOptionError(`${from}: ${why.replace(/^--[\w-]+: /, '')}`);
  }
}

function checkName({ text, from }: Given): string {
  const fault = nameFault(text);
  if (fault !== null)
    throw new AgentOptionError(
      `${from}: a name has 1 to ${MAX_NAME_LENGTH} characters that can be seen: this one ${fault}`,
    );
  return text.trim();
}

function readLabels(flags: readonly string[] | undefined, env: Env): Record<string, string> {
  const from = flags === undefined ? 'NETSONDE_LABELS' : '--label';
  const texts = flags ?? (env.NETSONDE_LABELS ?? '').split(',').filter((text) => text.trim() !== '');
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const key = text.slice(0, Math.max(at, 0)).trim();
    const value = text.slice(at + 1).trim();
    const fault = at < 1 ? 'write key=value' : labelFault(key, value);
    if (fault !== null) throw new AgentOptionError(`${from}: ${JSON.stringify(text)} is no label: ${fault}`);
    labels[key] = value;
  }
  return labels;
}

function readRanges(flags: readonly string[] | undefined, name: string, env: Env, variable: string): readonly string[] {
  const texts = flags ?? [env[variable] ?? ''];
  const ranges = texts
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
  const wrong = ranges.find((range) => readRange(range) === null);
  const from = flags === undefined ? variable : name;
  if (wrong !== undefined) throw new AgentOptionError(`${from}: ${noRange(wrong)}`);
  if (flags !== undefined && ranges.length === 0)
    throw new AgentOptionError(`${from} is empty: write an address range like 10.0.0.0/8, or leave it out`);
  return ranges;
}

function isOn(variable: string, env: Env): boolean {
  const text = (env[variable] ?? '').toLowerCase();
  if (['', '0', 'false', 'no', 'off'].includes(text)) return false;
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  throw new AgentOptionError(`${variable}: ${JSON.stringify(text)} is neither true nor false`);
}

function readMaxRuns(value: Given | null): number {
  if (value === null) return DEFAULT_MAX_RUNS;
  const runs = Number(value.text);
  if (!/^\d{1,6}$/.test(value.text) || runs < 1)
    throw new AgentOptionError(`${value.from}: ${JSON.stringify(value.text)} is not a whole number from 1 to 999999`);
  return runs;
}

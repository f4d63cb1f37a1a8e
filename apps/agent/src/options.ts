import { readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { formatEnrolmentToken, parseEnrolmentToken } from '@netsonde/protocol';
import type { PolicyRules } from './policy/target-policy.ts';
import { parseServerUrl, type ServerUrl } from './uplink/server-url.ts';

/** What an agent is started with. */
export interface AgentOptions {
  readonly server: ServerUrl;
  /** Enrolment token as people copy it; needed at the first contact only. */
  readonly token: string | null;
  readonly name: string;
  /** Folder of identity, assignment and spool. */
  readonly data: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly verbose: boolean;
  readonly logFormat: 'readable' | 'json';
  /** Certificate authorities in PEM; null: the system's. */
  readonly ca: string | null;
  readonly policy: PolicyRules;
  /** Runs at once, at most. */
  readonly maxRuns: number;
}

/** Flags of the command line as they were given; what was not given is absent. */
export interface AgentFlags {
  readonly server?: string | undefined;
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

/** An option that cannot be used: the message names the flag or the variable and says what to write. */
export class AgentOptionError extends Error {
  override readonly name = 'AgentOptionError';
}

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_MAX_RUNS = 4000;
const LABEL_KEY = /^[a-zA-Z][\w.-]{0,62}$/;

/** Reads options from flags, else from the environment, else the defaults. @throws AgentOptionError */
export function agentOptionsFrom(env: Env, flags: AgentFlags): AgentOptions {
  const server = given(flags.server, '--server', env, 'NETSONDE_SERVER');
  if (server === null)
    throw new AgentOptionError(
      '--server is missing: write the URL of the server, like --server http://netsonde.example:5000, or set NETSONDE_SERVER',
    );
  const name = given(flags.name, '--name', env, 'NETSONDE_NAME');
  const data = given(flags.data, '--data', env, 'NETSONDE_AGENT_DATA');
  const token = given(flags.token, '--token', env, 'NETSONDE_TOKEN');
  const ca = given(flags.ca, '--ca', env, 'NETSONDE_CA');
  return {
    server: tried(server.from, () => parseServerUrl(server.text)),
    token: token === null ? null : tried(token.from, () => formatEnrolmentToken(parseEnrolmentToken(token.text))),
    name: name === null ? hostname().slice(0, 100) : checkName(name),
    data: resolve(data?.text ?? join(homedir(), '.netsonde', 'agent')),
    labels: readLabels(flags.label, env),
    verbose: flags.verbose ?? isOn('NETSONDE_VERBOSE', env),
    logFormat: readLogFormat(env.LOG_FORMAT),
    ca: ca === null ? null : tried(ca.from, () => readFileSync(ca.text, 'utf8')),
    policy: {
      allow: list(flags.allow, env.NETSONDE_ALLOW),
      deny: list(flags.deny, env.NETSONDE_DENY),
      only: list(flags.only, env.NETSONDE_ONLY),
    },
    maxRuns: readMaxRuns(given(flags.maxRuns, '--max-runs', env, 'NETSONDE_MAX_RUNS')),
  };
}

function readLogFormat(text = ''): AgentOptions['logFormat'] {
  if (text === '' || text === 'readable') return 'readable';
  if (text === 'json') return 'json';
  throw new AgentOptionError(`LOG_FORMAT: ${JSON.stringify(text)} is neither readable nor json`);
}

interface Given {
  readonly text: string;
  /** The flag or variable it came from. */
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
  const name = text.trim();
  if (name === '' || name.length > 100)
    throw new AgentOptionError(`${from}: a name has 1 to 100 characters, this one has ${name.length}`);
  return name;
}

function readLabels(flags: readonly string[] | undefined, env: Env): Record<string, string> {
  const from = flags === undefined ? 'NETSONDE_LABELS' : '--label';
  const texts = flags ?? (env.NETSONDE_LABELS ?? '').split(',').filter((text) => text.trim() !== '');
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const key = text.slice(0, Math.max(at, 0)).trim();
    const value = text.slice(at + 1).trim();
    if (at < 1 || !LABEL_KEY.test(key) || value.length > 200)
      throw new AgentOptionError(
        `${from}: ${JSON.stringify(text)} is no label: write key=value, the key beginning with a letter`,
      );
    labels[key] = value;
  }
  return labels;
}

function list(flags: readonly string[] | undefined, variable: string | undefined): readonly string[] {
  const texts = flags ?? (variable === undefined ? [] : [variable]);
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
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

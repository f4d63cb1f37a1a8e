import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Catalog, catalog as everyProbe } from '@netsonde/probes/catalog';
import type { Role } from '@netsonde/protocol/api';
import { pino } from 'pino';
import type { GuardedRoute } from '../auth/guard.ts';
import { openServer } from '../open-server.ts';
import { readSettings } from '../settings/read-settings.ts';

/** Credentials of a call: none, a bearer token, or a session cookie with its CSRF token. */
export type Credentials = { readonly bearer?: string; readonly cookie?: string; readonly csrf?: string };

export interface HttpReply<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed if the response is JSON. */
  readonly body: Body;
}

/** A real server with its own port and data folder. */
export interface TestServer {
  readonly url: string;
  readonly folder: string;
  readonly setupLink: string | null;
  readonly routes: readonly GuardedRoute[];
  /** Calls a route below /api/v1. */
  call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: unknown,
    credentials?: Credentials,
  ): Promise<HttpReply<Body>>;
  readonly log: readonly string[];
  close(): Promise<void>;
}

export const PASSWORD = 'correct horse battery';

export async function startServer({
  environment = {},
  catalog = everyProbe,
  webFolder,
  folder = mkdtempSync(join(tmpdir(), 'netsonde-server-')),
  now = Date.now,
}: {
  environment?: Record<string, string>;
  catalog?: Catalog;
  webFolder?: string;
  folder?: string;
  now?: () => number;
} = {}): Promise<TestServer> {
  const settings = readSettings({ SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', NETSONDE_DATA: folder, ...environment });
  const log: string[] = [];
  const clean = () => rmSync(folder, { recursive: true, force: true });
  const server = await openServer(settings, {
    catalog,
    webFolder,
    now,
    log: pino({ level: settings.debug ? 'debug' : 'info' }, { write: (line: string) => void log.push(line) }),
  }).catch((error: unknown) => {
    clean();
    throw error;
  });
  return {
    ...server,
    folder,
    log,
    call: (method, path, body, credentials) => call(`${server.url}/api/v1${path}`, method, body, credentials),
    close: () => server.close().finally(clean),
  };
}

/** The body of a route's answer. @throws Error with the answer when it is not 200 */
export async function readAs<Body>(server: TestServer, reader: Credentials, path: string): Promise<Body> {
  const { status, body, text } = await server.call<Body>('GET', path, undefined, reader);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
  return body;
}

export async function call<Body>(
  url: string,
  method: string,
  body?: unknown,
  { bearer, cookie, csrf }: Credentials = {},
): Promise<HttpReply<Body>> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(csrf === undefined ? {} : { 'x-csrf-token': csrf }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (json ? JSON.parse(text) : undefined) as Body,
  };
}

/** Sets up a server and returns the first admin's session. */
export async function setUp(server: TestServer): Promise<Required<Pick<Credentials, 'cookie' | 'csrf'>>> {
  const token = server.setupLink?.split('#token=')[1];
  return session(
    await server.call<{ csrf: string }>('POST', '/setup', { token, username: 'root', password: PASSWORD }),
  );
}

export async function signIn(
  server: TestServer,
  username: string,
  password = PASSWORD,
): Promise<Required<Pick<Credentials, 'cookie' | 'csrf'>>> {
  return session(await server.call<{ csrf: string }>('POST', '/session', { username, password }));
}

function session({
  status,
  headers,
  body,
  text,
}: HttpReply<{ csrf: string }>): Required<Pick<Credentials, 'cookie' | 'csrf'>> {
  if (status !== 201) throw new Error(`no session: ${status} ${text}`);
  return { cookie: headers.get('set-cookie')?.split(';')[0] ?? '', csrf: body.csrf };
}

/** Creates an API token with that role. */
export async function tokenOf(server: TestServer, admin: Credentials, role: Role): Promise<Credentials> {
  const { body } = await server.call<{ token: string }>('POST', '/api-tokens', { name: `the ${role}`, role }, admin);
  return { bearer: body.token };
}

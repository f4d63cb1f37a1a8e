import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServer } from '../open-server.ts';
import { readSettings } from './read-settings.ts';
import { SettingsError } from './settings.ts';
import { makePair, pairFolder } from './tls-pair.test-support.ts';

const folder = pairFolder();
const own = makePair(folder, 'own');
const other = makePair(folder, 'other');
const locked = makePair(folder, 'locked', 'secret words');
const at = (name: string) => join(folder, name);

beforeAll(() => {
  writeFileSync(at('junk.pem'), 'junk');
  writeFileSync(at('torn.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  writeFileSync(at('torn.key'), '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
  writeFileSync(at('text.db'), 'this is no database at all');
  mkdirSync(at('folder.db'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The error that prevents the start of a server. */
async function refusal(environment: Record<string, string>): Promise<SettingsError> {
  const usual = { SERVER_HOST: '127.0.0.1', SERVER_PORT: '0', NETSONDE_DATA: at('data') };
  const start = async () =>
    openServer(readSettings({ ...usual, ...environment }), { catalog, log: pino({ level: 'silent' }) });
  const server = await start().catch((error: unknown) => error);
  if (server instanceof SettingsError) return server;
  if (!(server instanceof Error)) await (server as Awaited<ReturnType<typeof start>>).close();
  throw new Error(`${JSON.stringify(environment)} is not refused as a setting: ${String(server)}`);
}

test.each([
  ['TLS_CERT', { TLS_CERT: at('junk.pem'), TLS_KEY: own.key }, /takes a certificate as PEM text$/],
  ['TLS_CERT', { TLS_CERT: at('torn.pem'), TLS_KEY: own.key }, /its certificate is damaged/],
  ['TLS_CERT', { TLS_CERT: folder, TLS_KEY: own.key }, /a PEM file that this process can read \(EISDIR\)/],
  ['TLS_KEY', { TLS_CERT: own.cert, TLS_KEY: at('junk.pem') }, /takes a private key as PEM text$/],
  ['TLS_KEY', { TLS_CERT: own.cert, TLS_KEY: at('torn.key') }, /its key is damaged/],
  ['TLS_KEY', { TLS_CERT: own.cert, TLS_KEY: other.key }, /not the key of the certificate in TLS_CERT/],
  ['TLS_KEY', { TLS_CERT: locked.cert, TLS_KEY: locked.key }, /locked by a passphrase/],
  ['NETSONDE_DATA', { NETSONDE_DATA: '/dev/null/x' }, /it, or a folder above it, is a file: name a folder/],
  ['NETSONDE_DATA', { NETSONDE_DATA: at('text.db') }, /it, or a folder above it, is a file: name a folder/],
  ['NETSONDE_DATA', { NETSONDE_DATA: '/proc/netsonde' }, /no folder can be made there: name a folder/],
  ['NETSONDE_DATA', { NETSONDE_DATA: `/${'x'.repeat(5000)}` }, /the path is too long: name a folder/],
  [
    'DATABASE_URL',
    { DATABASE_URL: 'sqlite:////nonexist/dir/x.db' },
    /there is no folder \/nonexist\/dir: make it first/,
  ],
  ['DATABASE_URL', { DATABASE_URL: `sqlite:///${at('folder.db')}` }, /it is a folder: name a file in it/],
  ['DATABASE_URL', { DATABASE_URL: `sqlite:///${at('text.db')}` }, /it is no SQLite database: name another file/],
  ['DATABASE_URL', { DATABASE_URL: 'sqlite:////dev/null' }, /it is no file: name one/],
  ['DATABASE_URL', { DATABASE_URL: 'sqlite:///server.lock' }, /the server keeps something else there/],
  ['PING_COUNT', { PING_COUNT: '20000' }, /is too large: give a whole number from 1 to 10000$/],
  ['PING_COUNT', { PING_COUNT: '0' }, /is too small: give a whole number from 1 to 10000$/],
  ['PING_COUNT', { PING_COUNT: '-3' }, /is too small: give a whole number from 1 to 10000$/],
  ['PING_COUNT', { PING_COUNT: '1.5' }, /is no whole number: give a whole number from 1 to 10000$/],
  ['PING_TIMEOUT', { PING_TIMEOUT: '0.001' }, /is too small: give a number from 0.01 to 300$/],
  ['PING_TIMEOUT', { PING_TIMEOUT: '301' }, /is too large: give a number from 0.01 to 300$/],
  ['SERVER_HOST', { SERVER_HOST: '192.0.2.1' }, /no address of this host: use 0.0.0.0/],
])('%s: %j is refused by name, and says what is taken', async (variable, environment, words) => {
  const { variables, message } = await refusal(environment);
  expect(variables).toEqual([variable]);
  expect(message).toMatch(words);
  expect(message).toContain(`${variable} is "`);
  expect(message).not.toMatch(/PEM routines|expected|\n/);
});

test('a swapped certificate and key are both named', async () => {
  const { variables, message } = await refusal({ TLS_CERT: own.key, TLS_KEY: own.cert });
  expect(variables).toEqual(['TLS_CERT', 'TLS_KEY']);
  expect(message).toMatch(/TLS_CERT is .*, and this is a key\nTLS_KEY is .*, and this is a certificate$/);
});

test('a wrong value does not create a data folder', async () => {
  await refusal({ PING_COUNT: '20000', NETSONDE_DATA: at('unmade') });
  expect(existsSync(at('unmade'))).toBe(false);
});

const WRONG = ['x', '-1', '1.5.5', '9'.repeat(400), '1e3', '0x10', '٣', 'NaN', 'Infinity', '; rm', '/', 'a\nb'];
const VARIABLES = [
  'SERVER_PORT',
  'DEBUG',
  'DATABASE_URL',
  'DEFAULT_TEST_DURATION',
  'DEFAULT_TEST_INTERVAL',
  'CLIENT_HEARTBEAT_INTERVAL',
  'PING_COUNT',
  'PING_TIMEOUT',
  'RETENTION_RAW',
  'RETENTION_5MIN',
  'RETENTION_1H',
  'RETENTION_1D',
  'TLS_CERT',
  'TLS_KEY',
  'TRUSTED_PROXIES',
  'LOG_FORMAT',
];

test.each(VARIABLES)('%s: any invalid value is refused in one short line with its name', async (variable) => {
  for (const value of WRONG) {
    const both = { TLS_CERT: own.cert, TLS_KEY: own.key };
    const { message } = await refusal({ ...(variable.startsWith('TLS') ? both : {}), [variable]: value });
    expect(message).toMatch(new RegExp(`^${variable} is ".*: (it (takes|is)|.* it takes) `));
    expect(message.length).toBeLessThan(300);
  }
});

test.each([...VARIABLES, 'SERVER_HOST', 'NETSONDE_DATA', 'BASE_PATH'])(
  '%s: an empty or blank value counts as unset',
  (name) => {
    const unset = readSettings({});
    expect(readSettings({ [name]: '' })).toEqual(unset);
    expect(readSettings({ [name]: ' \t ' })).toEqual(unset);
  },
);

test.each(['x', '/a/../b', '/a b', '/ä', '/a?b', `/${'x'.repeat(300)}`, '/./'])('BASE_PATH=%s is refused', (value) => {
  expect(() => readSettings({ BASE_PATH: value })).toThrow(/^BASE_PATH is ".*it takes a path like \/netsonde/);
});

test.each(['http://x', 'a b', '-', '1.2.3.4/8', 'x'.repeat(300)])('SERVER_HOST=%s is refused', (value) => {
  expect(() => readSettings({ SERVER_HOST: value })).toThrow(/^SERVER_HOST is ".*it takes an address or a host name/);
});

test('fractions of a second are rounded to whole milliseconds', () => {
  const { heartbeatMs, defaultIntervalMs } = readSettings({
    CLIENT_HEARTBEAT_INTERVAL: '1.23456',
    DEFAULT_TEST_INTERVAL: '0.10001',
  });
  expect([heartbeatMs, defaultIntervalMs]).toEqual([1235, 100]);
});

test('a refused address is repeated without its password', () => {
  const read = () => readSettings({ DATABASE_URL: 'mysql://joe:hunter2@host/db' });
  expect(read).toThrow('DATABASE_URL is "mysql://...@host/db": it takes sqlite:///file');
});

import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSettings } from './read-settings.ts';
import { SettingsError } from './settings.ts';
import { makePair, pairFolder } from './tls-pair.test-support.ts';

const folder = pairFolder();
const own = makePair(folder, 'own');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function faultsOf(environment: Record<string, string>): SettingsError {
  try {
    readSettings(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return error as SettingsError;
  }
  throw new Error(`accepted ${JSON.stringify(environment)}`);
}

test('an empty environment results in the documented defaults', () => {
  expect(readSettings({})).toEqual({
    host: '0.0.0.0',
    port: 5000,
    debug: false,
    dataFolder: resolve('netsonde-data'),
    databaseFile: resolve('netsonde-data/netsonde.db'),
    defaultDurationMs: 300_000,
    defaultIntervalMs: 5000,
    heartbeatMs: 30_000,
    optionDefaults: [],
    retention: { raw: 100, '5min': 400, '1h': 1830, '1d': null },
    tls: null,
    trustedProxies: [],
    basePath: '',
    logFormat: 'readable',
  });
});

test('each variable is read', () => {
  const settings = readSettings({
    SERVER_HOST: '127.0.0.1',
    SERVER_PORT: '0',
    DEBUG: 'True',
    NETSONDE_DATA: '/srv/data',
    DATABASE_URL: 'sqlite:///other.db',
    DEFAULT_TEST_DURATION: '60',
    DEFAULT_TEST_INTERVAL: '0.5',
    CLIENT_HEARTBEAT_INTERVAL: '10',
    PING_COUNT: '3',
    PING_TIMEOUT: '2.5',
    RETENTION_RAW: '7',
    RETENTION_5MIN: '7',
    RETENTION_1H: '3000',
    RETENTION_1D: 'Forever',
    TLS_CERT: own.cert,
    TLS_KEY: own.key,
    TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8',
    BASE_PATH: '/netsonde/',
    LOG_FORMAT: 'json',
  });
  expect(settings).toMatchObject({
    host: '127.0.0.1',
    port: 0,
    debug: true,
    databaseFile: '/srv/data/other.db',
    defaultDurationMs: 60_000,
    defaultIntervalMs: 500,
    heartbeatMs: 10_000,
    retention: { raw: 7, '5min': 7, '1h': 3000, '1d': null },
    tls: { certFile: own.cert, keyFile: own.key },
    trustedProxies: ['127.0.0.1', '10.0.0.0/8'],
    basePath: '/netsonde',
    logFormat: 'json',
  });
  expect(settings.optionDefaults.map(({ variable, value }) => [variable, value])).toEqual([
    ['PING_COUNT', 3],
    ['PING_TIMEOUT', 2.5],
  ]);
  expect(readSettings({ DATABASE_URL: 'sqlite:////var/x.db' }).databaseFile).toBe('/var/x.db');
});

test.each([
  ['SERVER_HOST', 'http://here', 'an address or a host name'],
  ['SERVER_PORT', '65536', 'from 0 to 65535'],
  ['SERVER_PORT', '5000x', 'from 0 to 65535'],
  ['DEBUG', 'maybe', 'true or false'],
  ['DATABASE_URL', 'mysql://x', 'sqlite:///file'],
  ['DATABASE_URL', 'postgresql://h/db', 'PostgreSQL comes later'],
  ['DEFAULT_TEST_DURATION', '-1', 'seconds from 1'],
  ['DEFAULT_TEST_INTERVAL', 'soon', 'seconds from 0.1'],
  ['CLIENT_HEARTBEAT_INTERVAL', '0', 'seconds from 1'],
  ['PING_COUNT', 'ten', 'a number'],
  ['PING_TIMEOUT', '-', 'a number'],
  ['RETENTION_RAW', '0', 'days from 1 to 36500, or forever'],
  ['RETENTION_1D', '1.5', 'days from 1 to 36500, or forever'],
  ['TRUSTED_PROXIES', '10.0.0.0/33', 'no address or network'],
  ['BASE_PATH', 'netsonde', 'a path like'],
  ['LOG_FORMAT', 'xml', 'json or readable'],
  ['TLS_CERT', '/no/such/file.pem', 'PEM file'],
])('%s=%s is refused by name', (variable, value, takes) => {
  const fault = faultsOf({ [variable]: value });
  expect(fault.variables).toContain(variable);
  expect(fault.message).toContain(`${variable} is ${JSON.stringify(value)}`);
  expect(fault.message).toContain(takes);
});

test('every wrong variable is named at once', () => {
  expect(faultsOf({ SERVER_PORT: 'a', DEBUG: 'b' }).variables).toEqual(['SERVER_PORT', 'DEBUG']);
});

test('a certificate without its key is refused', () => {
  expect(faultsOf({ TLS_CERT: own.cert }).variables).toEqual(['TLS_KEY']);
  expect(faultsOf({ TLS_KEY: own.key }).variables).toEqual(['TLS_CERT']);
});

test('an unset coarser level is kept as long as the finer one, and a shorter setting is refused', () => {
  expect(readSettings({ RETENTION_RAW: '2000' }).retention).toEqual({
    raw: 2000,
    '5min': 2000,
    '1h': 2000,
    '1d': null,
  });
  expect(readSettings({ RETENTION_RAW: 'forever' }).retention['1h']).toBeNull();
  const fault = faultsOf({ RETENTION_RAW: '30', RETENTION_5MIN: '29' });
  expect(fault.message).toBe('RETENTION_5MIN is 29 days: it takes no less than RETENTION_RAW, which is 30 days');
  expect(faultsOf({ RETENTION_1H: 'forever', RETENTION_1D: '5' }).variables).toEqual(['RETENTION_1D']);
});

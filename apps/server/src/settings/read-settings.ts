import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { databaseFile } from './database-url.ts';
import { addressList, basePath, listenHost } from './network.ts';
import { readOptionDefaults } from './option-defaults.ts';
import { readRetention } from './retention.ts';
import { type Settings, SettingsError, type TlsFiles } from './settings.ts';
import { type Environment, integer, oneOf, seconds, VariableReader, yesOrNo } from './variables.ts';

const YEAR_S = 31_536_000;
const WEEK_S = 604_800;

/**
 * The settings that an environment gives; what it leaves out takes its default.
 * @throws SettingsError with one line per wrong variable: its name, what it holds, what it takes.
 */
export function readSettings(environment: Environment): Settings {
  const reader = new VariableReader(environment);
  const dataFolder = resolve(reader.read('NETSONDE_DATA', 'netsonde-data', String));
  const databaseUrl = (url: string) => databaseFile(url, dataFolder);
  const settings: Settings = {
    host: reader.read('SERVER_HOST', '0.0.0.0', listenHost),
    port: reader.read('SERVER_PORT', 5000, integer(0, 65535)),
    debug: reader.read('DEBUG', false, yesOrNo),
    dataFolder,
    databaseFile: reader.read('DATABASE_URL', resolve(dataFolder, 'netsonde.db'), databaseUrl),
    defaultDurationMs: 1000 * reader.read('DEFAULT_TEST_DURATION', 300, seconds(1, 10 * YEAR_S)),
    defaultIntervalMs: 1000 * reader.read('DEFAULT_TEST_INTERVAL', 5, seconds(0.1, WEEK_S)),
    heartbeatMs: 1000 * reader.read('CLIENT_HEARTBEAT_INTERVAL', 30, seconds(1, 3600)),
    optionDefaults: readOptionDefaults(reader),
    retention: readRetention(reader),
    tls: readTls(reader),
    trustedProxies: reader.read('TRUSTED_PROXIES', [], addressList),
    basePath: reader.read('BASE_PATH', '', basePath),
    logFormat: reader.read('LOG_FORMAT', 'readable', oneOf(['json', 'readable'])),
  };
  if (reader.faults.length > 0) throw new SettingsError(reader.faults);
  return settings;
}

function readTls(reader: VariableReader): TlsFiles | null {
  const certFile = reader.read('TLS_CERT', null, readableFile);
  const keyFile = reader.read('TLS_KEY', null, readableFile);
  if (certFile !== null && keyFile !== null) return { certFile, keyFile };
  const set = (variable: string) => reader.read(variable, null, String) !== null;
  if (set('TLS_CERT') && !set('TLS_KEY'))
    reader.fault('TLS_KEY', 'is not set: TLS_CERT needs the file of its key beside it');
  if (set('TLS_KEY') && !set('TLS_CERT'))
    reader.fault('TLS_CERT', 'is not set: TLS_KEY needs the file of its certificate beside it');
  return null;
}

function readableFile(text: string): string {
  const file = resolve(text);
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new Error(
      `it takes a PEM file that this process can read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`,
    );
  }
  return file;
}

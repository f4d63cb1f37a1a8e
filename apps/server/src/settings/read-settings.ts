import { resolve } from 'node:path';
import { databaseFile } from './database-url.ts';
import { addressList, basePath, listenHost } from './network.ts';
import { readOptionDefaults } from './option-defaults.ts';
import { readRetention } from './retention.ts';
import { type Settings, SettingsError } from './settings.ts';
import { readTls } from './tls-files.ts';
import { type Environment, integer, milliseconds, oneOf, VariableReader, yesOrNo } from './variables.ts';

const YEAR_S = 31_536_000;
const WEEK_S = 604_800;

/**
 * Reads the settings from an environment. Unset variables take their defaults.
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
    defaultDurationMs: reader.read('DEFAULT_TEST_DURATION', 300_000, milliseconds(1, 10 * YEAR_S)),
    defaultIntervalMs: reader.read('DEFAULT_TEST_INTERVAL', 5000, milliseconds(0.1, WEEK_S)),
    heartbeatMs: reader.read('CLIENT_HEARTBEAT_INTERVAL', 30_000, milliseconds(1, 3600)),
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

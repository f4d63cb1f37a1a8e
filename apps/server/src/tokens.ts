import { join } from 'node:path';
import { createApiToken } from './auth/api-tokens.ts';
import { audit } from './auth/audit.ts';
import { createEnrolmentToken, type EnrolmentTokenRequest } from './auth/enrolment-tokens.ts';
import type { AuthParts } from './auth/parts.ts';
import { openServerKeys } from './fleet/server-key.ts';
import { preparePlaces } from './settings/places.ts';
import { openConfigStore } from './store/config/open-config-store.ts';
import { refuseLostDatabase } from './store/data-folder/data-folder.ts';

const HOURS = 24;

/**
 * Creates an API token with the role admin. Works beside a running server and before the first start.
 * @param databaseFile if it is not the data folder's default.
 * @throws SettingsError if either cannot be used, like the server's start.
 */
export function createAdminToken(
  dataFolder: string,
  name: string,
  databaseFile = defaultFile(dataFolder),
): Promise<string> {
  return withConfig(dataFolder, databaseFile, async (parts) => {
    const { id, token } = await createApiToken(parts, { name, role: 'admin', expiresMs: null });
    await audit(parts, {
      actor: 'command line',
      action: 'api_token.create',
      subject: `api token ${id}`,
      detail: `${name} admin`,
    });
    return token;
  });
}

/** Creates a token for one agent to enrol within a day. Otherwise like `createAdminToken`. */
export function createAgentToken(
  dataFolder: string,
  name: string,
  databaseFile = defaultFile(dataFolder),
  labels: Pick<EnrolmentTokenRequest, 'labels' | 'ownLabelsSelect'> = {},
): Promise<string> {
  return withConfig(dataFolder, databaseFile, async (parts) => {
    const { fingerprint } = openServerKeys(dataFolder).newest;
    const { id, token } = await createEnrolmentToken(parts, fingerprint, {
      name,
      uses: 1,
      expiresInHours: HOURS,
      ...labels,
    });
    await audit(parts, {
      actor: 'command line',
      action: 'enrolment_token.create',
      subject: `enrolment token ${id}`,
      detail: name,
    });
    return token;
  });
}

const defaultFile = (dataFolder: string): string => join(dataFolder, 'netsonde.db');

async function withConfig<Value>(
  dataFolder: string,
  databaseFile: string,
  work: (parts: AuthParts) => Promise<Value>,
): Promise<Value> {
  preparePlaces({ dataFolder, databaseFile });
  refuseLostDatabase({ dataFolder, databaseFile });
  const config = await openConfigStore(databaseFile);
  try {
    return await work({ db: config.db, now: Date.now });
  } finally {
    await config.close();
  }
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createApiToken } from './auth/api-tokens.ts';
import { audit } from './auth/audit.ts';
import { createEnrolmentToken } from './auth/enrolment-tokens.ts';
import type { AuthParts } from './auth/parts.ts';
import { findByKey } from './fleet/agent-keys.ts';
import { openServerKeys } from './fleet/server-key.ts';
import { openConfigStore } from './store/config/open-config-store.ts';

const HOURS = 24;

/**
 * Makes an API token with the role admin; works beside a running server and before the first start.
 * @param databaseFile where it is not the data folder's own.
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

/** Makes a token with which one agent can enrol within a day; works beside a running server and before the first start. */
export function createAgentToken(
  dataFolder: string,
  name: string,
  databaseFile = defaultFile(dataFolder),
): Promise<string> {
  return withConfig(dataFolder, databaseFile, async (parts) => {
    const { fingerprint } = openServerKeys(dataFolder).newest;
    const { id, token } = await createEnrolmentToken(parts, fingerprint, { name, uses: 1, expiresInHours: HOURS });
    await audit(parts, {
      actor: 'command line',
      action: 'enrolment_token.create',
      subject: `enrolment token ${id}`,
      detail: name,
    });
    return token;
  });
}

/** Whether the server has an agent with this public key that is not revoked; works beside a running server. */
export function knowsAgent(
  dataFolder: string,
  publicKey: string,
  databaseFile = defaultFile(dataFolder),
): Promise<boolean> {
  return withConfig(dataFolder, databaseFile, async ({ db }) => {
    const row = await findByKey(db, publicKey);
    return row !== undefined && row.revoked_at === null;
  });
}

const defaultFile = (dataFolder: string): string => join(dataFolder, 'netsonde.db');

async function withConfig<Value>(
  dataFolder: string,
  file: string,
  work: (parts: AuthParts) => Promise<Value>,
): Promise<Value> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const config = await openConfigStore(file);
  try {
    return await work({ db: config.db, now: Date.now });
  } finally {
    await config.close();
  }
}

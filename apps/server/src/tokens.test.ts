import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnrolmentToken } from '@netsonde/protocol';
import type { EnrolmentTokenInfo } from '@netsonde/protocol/api';
import { afterEach, expect, test } from 'vitest';
import { startServer, type TestServer } from './api/server.test-support.ts';
import { openServerKeys } from './fleet/server-key.ts';
import { createAdminToken, createAgentToken } from './tokens.ts';

const folders: string[] = [];
let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test('both kinds of token can be created beside a running server and are valid at once', async () => {
  server = await startServer();
  const bearer = { bearer: await createAdminToken(server.folder, 'ops') };
  expect((await server.call('GET', '/me', undefined, bearer)).body).toMatchObject({ username: 'ops', role: 'admin' });
  const token = parseEnrolmentToken(await createAgentToken(server.folder, 'rack 4'));
  expect(token.serverFingerprint).toBe(openServerKeys(server.folder).newest.fingerprint);
  const { body, text } = await server.call<EnrolmentTokenInfo[]>('GET', '/enrolment-tokens', undefined, bearer);
  expect(body).toMatchObject([{ id: token.id, name: 'rack 4', usesLeft: 1 }]);
  expect(text).not.toContain(token.secret);
  const audit = await server.call<{ entries: { actor: string }[] }>('GET', '/audit', undefined, bearer);
  expect(audit.body.entries.map(({ actor }) => actor)).toEqual(['command line', 'command line']);
});

test('before the first start, a token creates the folder for its owner only, and the server then accepts it', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'netsonde-tokens-'));
  folders.push(parent);
  const folder = join(parent, 'data');
  const bearer = { bearer: await createAdminToken(folder, 'first') };
  expect(existsSync(join(folder, 'netsonde.db'))).toBe(true);
  server = await startServer({ folder });
  expect((await server.call('GET', '/me', undefined, bearer)).status).toBe(200);
});

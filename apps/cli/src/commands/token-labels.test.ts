import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import type { EnrolmentTokenInfo } from '@netsonde/protocol/api';
import { createAdminToken, openServer, readSettings } from '@netsonde/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { netsonde } from '../suite-terminal.test-parts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-token-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const create = (...flags: string[]) => netsonde(['token', 'create', ...flags, '--data', folder, '--new'], { env: {} });

/** The enrolment tokens as a server on this folder shows them. */
async function tokens(): Promise<readonly EnrolmentTokenInfo[]> {
  const bearer = await createAdminToken(folder, 'suite');
  const env = { NETSONDE_DATA: folder, SERVER_HOST: '127.0.0.1', SERVER_PORT: '0' };
  const server = await openServer(readSettings(env), { catalog });
  try {
    const url = `${server.url}/api/v1/enrolment-tokens`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${bearer}` } });
    expect(answer.status).toBe(200);
    return (await answer.json()) as EnrolmentTokenInfo[];
  } finally {
    await server.close();
  }
}

test('the labels of a token are those of its --label flags, and own labels select only where it says so', async () => {
  const labelled = await create('--agent', '--name', 'a', '--label', 'site = lab', '--label', 'country=DE');
  const own = await create('--agent', '--name', 'b', '--own-labels-select');
  expect([labelled.code, own.code], labelled.err + own.err).toEqual([0, 0]);
  const found = (await tokens()).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  expect(found).toMatchObject([
    { name: 'a', labels: { site: 'lab', country: 'DE' }, ownLabelsSelect: false },
    { name: 'b', labels: {}, ownLabelsSelect: true },
  ]);
});

test.each([
  [['--agent', '--label', 'site'], /--label: write key=value, not "site"/],
  [['--agent', '--label', '=lab'], /--label "=lab"/],
  [['--agent', '--label', '1site=lab'], /--label "1site=lab"/],
  [['--admin', '--label', 'site=lab'], /go with --agent only/],
  [['--admin', '--own-labels-select'], /go with --agent only/],
])('%j is refused, and no token is made', async (flags, message) => {
  const { code, out, err } = await create(...flags);
  expect(code).toBe(2);
  expect(err).toMatch(message);
  expect(out).toBe('');
  expect(await tokens()).toEqual([]);
});

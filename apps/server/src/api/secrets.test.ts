import { isDeepStrictEqual } from 'node:util';
import { SECRET_KEPT } from '@netsonde/probes/catalog';
import type { AssignedCheck } from '@netsonde/protocol';
import type { Test } from '@netsonde/protocol/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer, tokenOf } from './server.test-support.ts';

const SECRETS = ['Bearer first-secret', 'Bearer second-secret', 'body-secret'] as const;
const [FIRST, SECOND, BODY] = SECRETS;

let server: TestServer;
let roles: Readonly<Record<'viewer' | 'editor' | 'admin', Credentials>>;
let agent: TestAgent;

beforeAll(async () => {
  server = await startServer();
  const first = await setUp(server);
  roles = {
    viewer: await tokenOf(server, first, 'viewer'),
    editor: await tokenOf(server, first, 'editor'),
    admin: await tokenOf(server, first, 'admin'),
  };
  agent = await connectAgent(server, roles.admin, { name: 'a1' });
});
afterAll(async () => {
  await agent.close();
  await server.close();
});

const check = (authorization: string, more: object = {}) => ({
  probe: 'http',
  options: { method: 'POST', body: BODY, headers: [`Authorization: ${authorization}`, 'Accept: text/plain'], ...more },
});
const input = (checks: object[]) => ({
  name: 'door',
  targets: [{ address: 'http://127.0.0.1:1/' }],
  checks,
  agents: { by: 'labels', labels: {} },
});

/** A test as the API returned it, as a body that changes nothing. */
const unchanged = ({ name, targets, checks, agents }: Test) => ({
  name,
  targets: targets.map(({ address }) => ({ address })),
  checks: checks.map(({ probe, options }) => ({ probe, options })),
  agents,
});

async function make(checks: object[]): Promise<Test> {
  const made = await server.call<Test>('POST', '/tests', input(checks), roles.editor);
  expect(made.status).toBe(201);
  return made.body;
}

/** Waits until the agent is assigned these options, by check, for a test. */
async function reaches(id: number, ...wanted: readonly object[]): Promise<void> {
  const given = (all: readonly AssignedCheck[]) =>
    all.filter(({ test: of }) => of === id).map(({ options }) => JSON.parse(JSON.stringify(options)) as object);
  const holds = (options: object, part: object) =>
    Object.entries(part).every(([name, value]) => isDeepStrictEqual((options as Record<string, unknown>)[name], value));
  await agent.obey((all) => {
    const options = given(all);
    return options.length === wanted.length && wanted.every((part, n) => holds(options[n] ?? {}, part));
  });
}
const authorization = (secret: string) => ({ headers: [`Authorization: ${secret}`, 'Accept: text/plain'] });

test('no response to any caller contains a secret, and the agent receives it', async () => {
  const made = await make([check(FIRST)]);
  expect(made.checks[0]?.options).toMatchObject({
    body: SECRET_KEPT,
    headers: [`Authorization: ${SECRET_KEPT}`, 'Accept: text/plain'],
  });
  await reaches(made.id, { body: BODY, ...authorization(FIRST) });
  const at = `/tests/${made.id}`;
  for (const role of ['viewer', 'editor', 'admin'] as const)
    for (const path of [
      '/tests',
      at,
      `${at}/results`,
      `${at}/export.csv`,
      `${at}/export.json`,
      '/overview',
      '/catalog',
    ]) {
      const { status, text } = await server.call('GET', path, undefined, roles[role]);
      expect(status).toBe(200);
      for (const secret of SECRETS) expect(text).not.toContain(secret);
    }
  const answers = [
    await server.call('GET', '/audit', undefined, roles.admin),
    await server.call('POST', '/tests/preview', input([check(FIRST)]), roles.editor),
    await server.call('PUT', at, input([check(FIRST)]), roles.editor),
    await server.call('POST', `${at}/stop`, undefined, roles.editor),
  ];
  for (const { status, text } of answers) {
    expect(status).toBe(200);
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  }
  for (const secret of SECRETS) expect(server.log.join('')).not.toContain(secret);
});

test('a test sent back as it was returned keeps its check, history and secret', async () => {
  const made = await make([check(FIRST), check(SECOND)]);
  await reaches(made.id, authorization(FIRST), authorization(SECOND));
  const again = await server.call<Test>('PUT', `/tests/${made.id}`, unchanged(made), roles.editor);
  expect([again.status, again.body.checks.map(({ id }) => id)]).toEqual([200, made.checks.map(({ id }) => id)]);
  const more = { ...unchanged(made), checks: [...unchanged(made).checks, { probe: 'icmp' }] };
  expect((await server.call('PUT', `/tests/${made.id}`, more, roles.editor)).status).toBe(200);
  await reaches(made.id, authorization(FIRST), authorization(SECOND), {});
});

test('a secret is kept if other options of its check change, and if checks change places', async () => {
  const made = await make([check(FIRST, { timeoutSeconds: 1 }), check(SECOND, { timeoutSeconds: 2 })]);
  const [one, other] = unchanged(made).checks;
  const swapped = {
    ...unchanged(made),
    checks: [{ ...other, options: { ...other?.options, timeoutSeconds: 3 } }, one],
  };
  expect((await server.call('PUT', `/tests/${made.id}`, swapped, roles.editor)).status).toBe(200);
  const first = { timeoutSeconds: 1, ...authorization(FIRST) };
  await reaches(made.id, first, { timeoutSeconds: 3, ...authorization(SECOND) });
});

test('a placeholder without a stored secret is refused by its field', async () => {
  const shown = check(SECRET_KEPT, { body: '' });
  const made = await server.call('POST', '/tests', input([shown]), roles.editor);
  expect([made.status, made.body.fields]).toMatchObject([422, [{ path: 'checks[0].options.headers' }]]);
  const plain = await make([{ probe: 'http' }]);
  const edit = await server.call('PUT', `/tests/${plain.id}`, input([{ probe: 'http' }, shown]), roles.editor);
  expect([edit.status, edit.body.fields]).toMatchObject([422, [{ path: 'checks[1].options.headers' }]]);
});

test('a placeholder in a body that is not a test is refused like any invalid body', async () => {
  const { id } = await make([{ probe: 'http' }]);
  for (const body of [
    SECRET_KEPT,
    [SECRET_KEPT],
    { checks: SECRET_KEPT },
    { checks: [null, SECRET_KEPT, { probe: 'constructor', options: { body: SECRET_KEPT } }] },
    { checks: [{ probe: '__proto__', options: [SECRET_KEPT] }] },
  ])
    expect((await server.call('PUT', `/tests/${id}`, JSON.stringify(body), roles.editor)).status).toBe(422);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAgent } from './agent.test-support.ts';
import { type Credentials, call, setUp, startServer, type TestServer, tokenOf } from './server.test-support.ts';

interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly fields?: readonly { readonly path: string; readonly message: string }[];
}

let server: TestServer;
let editor: Credentials;

beforeAll(async () => {
  server = await startServer();
  editor = await tokenOf(server, await setUp(server), 'admin');
});
afterAll(() => server.close());

const valid = () => ({
  name: 'loopback',
  targets: [{ address: '127.0.0.1' }],
  checks: [{ probe: 'icmp', options: {} }],
  agents: { by: 'labels', labels: {} },
});

/** The server's response to a body. Asserts that each refusal is a complete problem and is logged, except for previews. */
async function refused(method: string, path: string, body: unknown): Promise<Problem> {
  const lines = server.log.length;
  const answer = await server.call<Problem>(method, path, body, editor);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({
    status: answer.status,
    type: `urn:netsonde:problem:${answer.body.code}`,
    title: expect.any(String),
    detail: expect.any(String),
  });
  expect(server.log.slice(lines).join('').includes(answer.body.code)).toBe(path !== '/tests/preview');
  return answer.body;
}

test.each([
  ['an unknown option', { checks: [{ probe: 'icmp', options: { speed: 9 } }] }, 'checks[0].options.speed', /unknown/],
  [
    'an option of the wrong type',
    { checks: [{ probe: 'icmp', options: { count: 'ten' } }] },
    'checks[0].options.count',
    /^is a text: give a whole number from 1 to 10000$/,
  ],
  [
    'an option out of range',
    { checks: [{ probe: 'icmp', options: { count: 0 } }] },
    'checks[0].options.count',
    /^is too small: give a whole number from 1 to 10000$/,
  ],
  ['an unknown probe', { checks: [{ probe: 'telepathy' }] }, 'checks[0].probe', /it takes .*icmp/],
  ['no probe', { checks: [{}] }, 'checks[0].probe', /it takes .*icmp/],
  ['no checks', { checks: [] }, 'checks', /^is empty: give a list of 1 to 100 items$/],
  [
    'a target that would be an option',
    { targets: [{ address: '-oProxyCommand=x' }] },
    'targets[0].address',
    /no host name or address/,
  ],
  ['a broken URL', { targets: [{ address: 'http://[::1' }] }, 'targets[0].address', /not a URL/],
  [
    'a target of 300 characters',
    { targets: [{ address: 'a'.repeat(300) }] },
    'targets[0].address',
    /no host name or address/,
  ],
  ['a target far too long', { targets: [{ address: 'a'.repeat(3000) }] }, 'targets[0].address', /2301/],
  [
    'an empty target',
    { targets: [{ address: '' }] },
    'targets[0].address',
    /^is empty: give a text of 1 to 2301 characters$/,
  ],
  ['a target of blanks', { targets: [{ address: '  ' }] }, 'targets[0].address', /^is empty/],
  ['a target twice', { targets: [{ address: '::1' }, { address: '::1' }] }, 'targets[1].address', /already/],
  ['an unknown field', { colour: 'red' }, 'colour', /unknown field/],
  ['an unknown agent', { agents: { by: 'chosen', agents: [4711] } }, 'agents.agents[0]', /no agent 4711/],
  [
    'a label whose name is none',
    { agents: { by: 'labels', labels: { '1 site': 'x' } } },
    'agents.labels.1 site',
    /^the name of a label begins with a letter and has at most 63 letters/,
  ],
  [
    'a label that is too long',
    { targets: [{ address: '::1', labels: { site: 'x'.repeat(201) } }] },
    'targets[0].labels.site',
    /^the value of a label has at most 200 characters$/,
  ],
  [
    'an unknown way to select',
    { agents: { by: 'fate' } },
    'agents.by',
    /^is "fate": give one of "chosen", "labels", "any"$/,
  ],
  ['an interval of nothing', { interval: 0 }, 'interval', /^is too small: give a number from 0.1 to 604800$/],
  ['an impossible start', { startAt: 'tomorrow' }, 'startAt', /^give an instant as 2027-/],
  [
    'an expectation of no metric',
    { checks: [{ probe: 'icmp', expectations: [{ metric: 'beauty', op: '<', value: 1 }] }] },
    'checks[0].expectations[0].metric',
    /rtt_avg_ms/,
  ],
  ['a name of blanks', { name: '  ' }, 'name', /^is empty: give a text of 1 to 100 characters$/],
  ['no name', { name: undefined }, 'name', /^is missing: give a text of 1 to 100 characters$/],
  ['a name of two lines', { name: 'a\nb' }, 'name', /cannot be printed/],
  ['half a character as a name', { name: 'a\ud800' }, 'name', /cannot be printed/],
  ['a start in a year of five digits', { startAt: '9999-12-31T23:59:59Z' }, 'startAt', /too far away/],
  ['an interval that is no number', { interval: 'NaN' }, 'interval', /number/],
  ['a negative interval', { interval: -5 }, 'interval', /^is too small/],
  [
    'a duration beyond all bounds',
    { duration: 1e308 },
    'duration',
    /^is too large: give a number from 1 to 315360000$/,
  ],
  [
    'a probe by the name of what every object has',
    { checks: [{ probe: 'constructor' }] },
    'checks[0].probe',
    /it takes/,
  ],
])('%s is refused by its path', async (_what, wrong, path, message) => {
  for (const at of ['/tests', '/tests/preview']) {
    const { status, code, fields } = await refused('POST', at, { ...valid(), ...wrong });
    expect([status, code]).toEqual([422, 'invalid_request']);
    expect(fields?.map((field) => field.path)).toContain(path);
    expect(fields?.find((field) => field.path === path)?.message).toMatch(message);
  }
  expect((await server.call<unknown[]>('GET', '/tests', undefined, editor)).body).toEqual([]);
});

test('a body that is not JSON, empty, of another type or too large is refused', async () => {
  expect(await refused('POST', '/tests', '{"name": ')).toMatchObject({ status: 400, code: 'malformed_json' });
  expect(await refused('POST', '/tests', '')).toMatchObject({ status: 400, code: 'malformed_json' });
  expect(await refused('POST', '/tests', '{"__proto__": {"a": 1}}')).toMatchObject({
    status: 400,
    code: 'malformed_json',
  });
  expect(await refused('POST', '/tests', 'null')).toMatchObject({ status: 422, code: 'invalid_request' });
  expect(await refused('POST', '/tests', `"${'x'.repeat(5_000_000)}"`)).toMatchObject({
    status: 413,
    code: 'too_large',
  });
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
  ]) {
    const headers = { authorization: `Bearer ${editor.bearer}`, 'content-type': type };
    const response = await fetch(`${server.url}/api/v1/tests`, { method: 'POST', headers, body: 'a=1' });
    expect([type, response.status, ((await response.json()) as Problem).code]).toEqual([
      type,
      415,
      'unsupported_media_type',
    ]);
  }
});

test('wrong parameters and queries are refused by name', async () => {
  expect((await refused('GET', '/tests/zero', undefined)).fields?.[0]?.path).toBe('id');
  expect((await refused('GET', '/tests/0', undefined)).fields?.[0]?.path).toBe('id');
  for (const id of ['%201', '1e3', '0x1', '+1', '1.0', '-1', '99999999999999999', '%D9%A3'])
    expect((await refused('GET', `/tests/${id}`, undefined)).fields?.map(({ path }) => path)).toEqual(['id']);
  expect(await refused('GET', `/tests/${'1'.repeat(300)}`, undefined)).toMatchObject({ status: 414 });
  expect(await refused('GET', '/tests/%zz', undefined)).toMatchObject({ status: 400, code: 'bad_request' });
  expect((await refused('GET', '/tests?colour=red', undefined)).fields?.[0]?.path).toBe('colour');
  const nowhere = await server.call<Problem>('GET', `/${'x'.repeat(5000)}`, undefined, editor);
  expect([nowhere.status, nowhere.body.detail.length < 300]).toEqual([404, true]);
  expect(await refused('GET', '/tests/4711', undefined)).toMatchObject({ status: 404, code: 'not_found' });
  const { body: made } = await server.call<{ id: number; checks: { id: number }[] }>('POST', '/tests', valid(), editor);
  const at = `/tests/${made.id}`;
  const from = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
  const check = made.checks[0]?.id;
  for (const [path, field] of [
    [`${at}/results?limit=0`, 'limit'],
    [`${at}/results?limit=5000`, 'limit'],
    [`${at}/results?limit=1e2`, 'limit'],
    [`${at}/results?limit=10&limit=20`, 'limit'],
    [`${at}/results?agent=%201`, 'agent'],
    [`${at}/series?check=${check}&metric=rtt_avg_ms&points=NaN&${from}`, 'points'],
    [`${at}/series?check=${check}&metric=rtt_avg_ms&percentiles=50,x&${from}`, 'percentiles'],
    [`${at}/series?check=${check}&metric=rtt_avg_ms&percentiles=50,101&${from}`, 'percentiles[1]'],
    [`${at}/series?check=${check}&metric=rtt_avg_ms&percentiles=1,2,3,4,5,6,7,8,9,10,11&${from}`, 'percentiles'],
    [`${at}/series?check=${check}&metric=rtt_avg_ms&percentiles=&${from}`, 'percentiles'],
    [`${at}/series?check=${check}&metric=${encodeURIComponent('rtt_avg_ms[]')}&${from}`, 'metric'],
    ['/audit?limit=0', 'limit'],
    ['/audit?before=0x10', 'before'],
    [`${at}/results?colour=red`, 'colour'],
    [`${at}/results?check=4711`, 'check'],
    [`${at}/results?verdict=fine`, 'verdict'],
    [`${at}/results?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`, 'to'],
    [`${at}/series?check=${check}&metric=rtt_avg_ms&to=2026-01-01T00:00:00Z`, 'from'],
    [`${at}/series?check=${check}&metric=beauty&${from}`, 'metric'],
    [`${at}/series?check=${check}&metric=${encodeURIComponent('a;drop table')}&${from}`, 'metric'],
    [`${at}/export.csv?from=yesterday`, 'from'],
    ['/ledger?from=2099-01-01T00:00:00Z', 'from'],
    ['/live?test=x', 'test'],
  ])
    expect([path, (await refused('GET', path ?? '', undefined)).fields?.map((wrong) => wrong.path)]).toEqual([
      path,
      [field],
    ]);
  expect((await server.call('DELETE', at, undefined, editor)).status).toBe(204);
  expect(await refused('DELETE', at, undefined)).toMatchObject({ status: 404 });
});

test('an empty body of type JSON counts as none if the route requires none', async () => {
  const { body: made } = await server.call<{ id: number }>('POST', '/tests', valid(), editor);
  for (const [method, path, status] of [
    ['POST', `/tests/${made.id}/stop`, 200],
    ['DELETE', `/tests/${made.id}`, 204],
    ['POST', '/tests', 400],
    ['POST', '/users', 400],
    ['POST', '/server-key/rotation/finish', 409],
    ['POST', '/nothing', 404],
  ] as const)
    expect([path, (await server.call(method, path, '', editor)).status]).toEqual([path, status]);
  expect(await refused('POST', '/server-key/rotation', '{')).toMatchObject({ status: 400, code: 'malformed_json' });
});

test('a body for a route without one is refused by its fields, and an empty object is accepted', async () => {
  const { body: made } = await server.call<{ id: number }>('POST', '/tests', valid(), editor);
  for (const path of [`/tests/${made.id}/stop`, '/server-key/rotation'])
    expect((await refused('POST', path, { x: 1 })).fields).toEqual([
      { path: 'x', message: 'unknown field: leave it out' },
    ]);
  expect((await refused('DELETE', `/tests/${made.id}`, { x: 1 })).fields?.[0]?.path).toBe('x');
  expect((await refused('POST', `/tests/${made.id}/stop`, [])).fields?.[0]?.message).toBe('is a list: give an object');
  expect((await server.call('POST', `/tests/${made.id}/stop`, {}, editor)).status).toBe(200);
  expect((await server.call('POST', `/tests/${made.id}/stop`, undefined, editor)).status).toBe(200);
  expect((await server.call('DELETE', `/tests/${made.id}`, {}, editor)).status).toBe(204);
});

test('an instant with an offset is accepted, and stored and returned in UTC', async () => {
  const startAt = '2027-01-01T00:00:00+02:00';
  const { status, body: made } = await server.call<{ id: number; startAt: string }>(
    'POST',
    '/tests',
    { ...valid(), startAt },
    editor,
  );
  expect([status, made.startAt]).toEqual([201, '2026-12-31T22:00:00.000Z']);
  const token = await server.call<{ expiresAt: string }>(
    'POST',
    '/api-tokens',
    { name: 'dated', role: 'viewer', expiresAt: '2999-01-01T00:00:00-05:30' },
    editor,
  );
  expect([token.status, token.body.expiresAt]).toEqual([201, '2999-01-01T05:30:00.000Z']);
  const from = encodeURIComponent('2026-01-01T00:00:00+01:00');
  const ledger = await server.call<{ from: string }>('GET', `/ledger?from=${from}`, undefined, editor);
  expect([ledger.status, ledger.body.from]).toEqual([200, '2025-12-31T23:00:00.000Z']);
  for (const path of ['results', 'export.csv', 'export.json'])
    expect((await server.call('GET', `/tests/${made.id}/${path}?from=${from}`, undefined, editor)).status).toBe(200);
  const unescaped = await refused('GET', '/ledger?from=2026-01-01T00:00:00+01:00', undefined);
  expect(unescaped.fields?.[0]?.message).toMatch(/in a query the \+ is written as %2B$/);
  for (const wrong of ['9999-12-31T23:59:59-01:00', '0000-01-01T00:00:00+01:00'])
    expect((await refused('POST', '/tests', { ...valid(), startAt: wrong })).fields?.[0]?.message).toMatch(/outside/);
  expect((await server.call('DELETE', `/tests/${made.id}`, undefined, editor)).status).toBe(204);
});

test('the rules for user names are explained in words', async () => {
  const wrong = { username: 'has spaces', password: 'long enough for all', role: 'viewer' };
  const [field] = (await refused('POST', '/users', wrong)).fields ?? [];
  expect(field).toEqual({ path: 'username', message: expect.stringContaining('without spaces') });
  expect(field?.message).not.toContain('/');
});

test('credentials that are wrong are refused, not ignored', async () => {
  for (const bearer of ['nst_wrong', 'nse1.a.b.c', 'x'.repeat(5000)])
    expect((await server.call('GET', '/me', undefined, { bearer })).body).toMatchObject({
      status: 401,
      code: 'unauthenticated',
    });
  const basic = await fetch(`${server.url}/api/v1/me`, { headers: { authorization: 'Basic cm9vdDpyb290' } });
  expect(basic.status).toBe(401);
  expect((await server.call('GET', '/me', undefined, { cookie: 'netsonde_session=../../etc' })).status).toBe(401);
  const short = await refused('POST', '/users', { username: 'bob', password: 'short', role: 'viewer' });
  expect(short.fields?.map(({ path }) => path)).toEqual(['password']);
  expect(
    (await refused('POST', '/users', { username: '<b>', password: 'long enough for all', role: 'king' })).fields?.map(
      ({ path }) => path,
    ),
  ).toEqual(['username', 'role']);
});

test('an internal fault hides its message and is found in the log by its id', async () => {
  const broken = await startServer();
  const admin = await setUp(broken);
  const { default: Database } = await import('better-sqlite3');
  const db = new Database(`${broken.folder}/netsonde.db`);
  db.exec('DROP TABLE audit');
  db.close();
  const answer = await broken.call<Problem>('GET', '/audit', undefined, admin);
  expect([answer.status, answer.body.code]).toEqual([500, 'internal']);
  expect(answer.text).not.toMatch(/audit|sql|table/i);
  const id = /under ([\w-]{36})/.exec(answer.body.detail)?.[1] ?? 'none';
  expect(broken.log.find((line) => line.includes(id))).toContain('no such table: audit');
  await broken.close();
});

test('the health page needs no sign-in', async () => {
  const health = await call<{ status: string; version: string }>(`${server.url}/healthz`, 'GET');
  expect([health.status, health.body]).toMatchObject([200, { status: 'ok', version: '0.1.0' }]);
});

test('no response of the API may be cached', async () => {
  for (const path of ['/tests', '/me', '/setup', '/tests/4711', '/nothing'])
    expect((await server.call('GET', path, undefined, editor)).headers.get('cache-control')).toBe('no-store');
});

test('if two requests give agents the same name at once, one is refused', async () => {
  const agents = [
    await connectAgent(server, editor, { name: 'one' }),
    await connectAgent(server, editor, { name: 'two' }),
  ];
  const answers = await Promise.all(
    agents.map(({ id }) => server.call('PATCH', `/agents/${id}`, { name: 'three' }, editor)),
  );
  for (const agent of agents) await agent.close();
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
});

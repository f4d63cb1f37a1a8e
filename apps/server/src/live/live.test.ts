import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Credentials, setUp, startServer, type TestServer, tokenOf } from '../api/server.test-support.ts';

let server: TestServer;
let admin: Credentials;
const open: Stream[] = [];

/** One event stream as a browser reads it. */
interface Stream {
  readonly text: () => string;
  readonly ended: Promise<void>;
  readonly abort: () => void;
}

beforeEach(async () => {
  server = await startServer();
  admin = await setUp(server);
});
afterEach(async () => {
  for (const stream of open.splice(0)) stream.abort();
  await server.close();
});

async function listen(query: string, { bearer, cookie }: Credentials): Promise<Stream> {
  const abort = new AbortController();
  const headers: Record<string, string> =
    bearer === undefined ? { cookie: cookie ?? '' } : { authorization: `Bearer ${bearer}` };
  const response = await fetch(`${server.url}/api/v1/live${query}`, { headers, signal: abort.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  let text = '';
  const read = async () => {
    for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk);
  };
  const stream = { text: () => text, ended: read().catch(() => undefined), abort: () => abort.abort() };
  open.push(stream);
  return stream;
}

const make = async (name: string) =>
  (
    await server.call<{ id: number }>(
      'POST',
      '/tests',
      { name, targets: [{ address: '::1' }], checks: [{ probe: 'icmp' }], agents: { by: 'any', count: 1 } },
      admin,
    )
  ).body.id;

test('changes of tests are sent to every subscribed client', async () => {
  const first = await make('first');
  const [all, mine] = await Promise.all([listen('', admin), listen(`?test=${first}`, admin)]);
  const second = await make('second');
  await server.call('POST', `/tests/${first}/stop`, undefined, admin);
  await expect.poll(mine.text).toContain(`event: test\ndata: {"id":${first},"change":"stopped"}\n\n`);
  await expect.poll(all.text).toContain(`{"id":${second},"change":"created"}`);
  expect(all.text()).toContain(`{"id":${first},"change":"stopped"}`);
  expect(mine.text()).not.toContain(`"id":${second}`);
});

test('a stream ends with its session or token, and other streams go on', async () => {
  const token = await tokenOf(server, admin, 'viewer');
  const { body: made } = await server.call<{ csrf: string }>('POST', '/session', {
    username: 'root',
    password: 'correct horse battery',
  });
  expect(made.csrf).toBeTypeOf('string');
  const [byToken, bySession] = await Promise.all([listen('', token), listen('', admin)]);
  await server.call('DELETE', '/api-tokens/1', undefined, admin);
  await byToken.ended;
  await make('still sent');
  await expect.poll(bySession.text).toContain('"change":"created"');
  await server.call('DELETE', '/session', undefined, admin);
  await bySession.ended;
});

test('the server closes in time while streams are open', async () => {
  const stream = await listen('', admin);
  const began = Date.now();
  await server.close();
  await stream.ended;
  expect(Date.now() - began).toBeLessThan(5000);
  server = await startServer();
});

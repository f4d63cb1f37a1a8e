import { afterEach, expect, test } from 'vitest';
import { connectAgent } from '../api/agent.test-support.ts';
import { PASSWORD, setUp, signIn, startServer, type TestServer, tokenOf } from '../api/server.test-support.ts';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

type Line = Readonly<Record<string, unknown>> & { readonly msg: string };

const linesOf = ({ log }: TestServer): readonly Line[] => log.map((line) => JSON.parse(line) as Line);

test('the log line of a refusal has the method, the path without its query, the caller and the address', async () => {
  server = await startServer();
  const admin = await setUp(server);
  const token = await tokenOf(server, admin, 'viewer');
  await server.call('GET', '/tests/4711?key=hidden', undefined, token);
  await server.call('GET', '/tests/4711', undefined, token);
  await server.call('GET', '/tests/4712', undefined, admin);
  await server.call('GET', '/users', undefined, { bearer: 'nst_wrong' });
  const refusals = linesOf(server).filter(({ msg }) => msg === 'a request was refused');
  expect(refusals.map(({ method, path, caller, address, status }) => [method, path, caller, address, status])).toEqual([
    ['GET', '/api/v1/tests/4711', 'token:the viewer', '127.0.0.1', 422],
    ['GET', '/api/v1/tests/4711', 'token:the viewer', '127.0.0.1', 404],
    ['GET', '/api/v1/tests/4712', 'user:root', '127.0.0.1', 404],
    ['GET', '/api/v1/users', 'anonymous', '127.0.0.1', 401],
  ]);
  expect(server.log.join('')).not.toContain('hidden');
});

test('DEBUG logs requests, sign-ins, sessions and assignments, and no secret', async () => {
  server = await startServer({ environment: { DEBUG: 'true' } });
  const admin = await setUp(server);
  const token = await tokenOf(server, admin, 'admin');
  await server.call('POST', '/session', { username: 'my secret', password: 'is mistyped' });
  const session = await signIn(server, 'root');
  await server.call('GET', '/tests?colour=hidden', undefined, session);
  const agent = await connectAgent(server, token, { name: 'berlin' });
  await agent.next('assign');
  await agent.close();
  await server.call('GET', '/tests', undefined, token);
  const running = server;
  await expect.poll(() => running.log.join('')).toMatch(/session with agent 1 \(berlin\) is closed after .* s: \d+/);
  await expect
    .poll(() => linesOf(running))
    .toContainEqual(
      expect.objectContaining({
        msg: 'a request was answered',
        method: 'GET',
        path: '/api/v1/tests',
        caller: 'token:the admin',
        status: 200,
        ms: expect.any(Number),
      }),
    );
  const text = server.log.join('');
  expect(text).toMatch(/session with 127\.0\.0\.1 opens/);
  expect(text).toMatch(/agent 1 \(berlin\) is sent its assignment: revision \d+, 0 checks/);
  expect(linesOf(server)).toContainEqual(expect.objectContaining({ actor: 'user:root', action: 'session.start' }));
  expect(linesOf(server)).toContainEqual(expect.objectContaining({ actor: 'anonymous', action: 'session.refused' }));
  const secrets = [PASSWORD, 'my secret', 'mistyped', 'hidden', token.bearer, session.csrf, session.cookie, admin.csrf];
  for (const secret of secrets) expect(text).not.toContain(secret);
  expect(text).not.toContain(server.setupLink?.split('#token=')[1]);
});

test('without DEBUG no request, sign-in, session or assignment is logged', async () => {
  server = await startServer();
  await setUp(server);
  expect(server.log.join('')).not.toMatch(/was answered|somebody did something/);
});

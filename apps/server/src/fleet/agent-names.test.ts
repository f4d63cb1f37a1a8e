import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectAgent } from '../api/agent.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer, tokenOf } from '../api/server.test-support.ts';

let server: TestServer;
let admin: Credentials;

beforeAll(async () => {
  server = await startServer();
  admin = await tokenOf(server, await setUp(server), 'admin');
});
afterAll(() => server.close());

/** The agent's name in its proof. Its token has another name. */
const enrol = (name: string) => connectAgent(server, admin, { name, tokenName: 'token' });
const names = async () =>
  (await server.call<{ name: string }[]>('GET', '/agents', undefined, admin)).body.map(({ name }) => name);

test('an agent enrols with its name trimmed', async () => {
  await (await enrol('  berlin ')).close();
  expect(await names()).toEqual(['berlin']);
});

test.each(['\u202eberlin', 'ber\u200blin', 'ber\nlin', '\u3164', '   '])(
  'the agent name %j is refused permanently, and the message says what to do',
  async (name) => {
    const before = await names();
    await expect(enrol(name)).rejects.toThrow(/bad_message.*choose another with --name.*"retry":false/);
    expect(await names()).toEqual(before);
  },
);

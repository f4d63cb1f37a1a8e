import type { Agent } from '@netsonde/protocol/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectAgent, type TestAgent } from '../api/agent.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer } from '../api/server.test-support.ts';

let server: TestServer;
let admin: Credentials;
const agents: TestAgent[] = [];

beforeEach(async () => {
  server = await startServer();
  admin = await setUp(server);
  await server.call(
    'POST',
    '/tests',
    {
      name: 'secret of the lab',
      targets: [{ address: '192.0.2.1' }],
      checks: [{ probe: 'icmp' }],
      agents: { by: 'labels', labels: { site: 'lab' } },
    },
    admin,
  );
});

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
  await server.close();
});

const connect = async (name: string, ownLabelsSelect: boolean): Promise<TestAgent> => {
  const agent = await connectAgent(server, admin, { name, labels: { site: 'lab' }, ownLabelsSelect });
  agents.push(agent);
  return agent;
};

const agentOf = async ({ id }: TestAgent) => (await server.call<Agent>('GET', `/agents/${id}`, undefined, admin)).body;

test('an agent that declares site=lab does not receive the test for site=lab', async () => {
  const agent = await connect('stranger', false);
  expect((await agent.next('assign')).checks).toEqual([]);
  expect(await agentOf(agent)).toMatchObject({ labels: {}, ownLabels: { site: 'lab' }, assignment: { checks: 0 } });
});

test('an agent receives the test by its own label where its token allows that', async () => {
  const agent = await connect('trusted', true);
  expect(await agent.obey((checks) => checks.length === 1)).toHaveLength(1);
  expect(await agentOf(agent)).toMatchObject({ labels: {}, ownLabels: { site: 'lab' }, ownLabelsSelect: true });
});

test('an agent receives the test once the administrator gives it the label, and the administrator’s value wins', async () => {
  const agent = await connect('given', false);
  expect((await agent.next('assign')).checks).toEqual([]);
  await server.call('PATCH', `/agents/${agent.id}`, { labels: { site: 'lab' } }, admin);
  await agent.obey((checks) => checks.length === 1);
  const trusted = await connect('trusted', true);
  await trusted.obey((checks) => checks.length === 1);
  await server.call('PATCH', `/agents/${trusted.id}`, { labels: { site: 'office' } }, admin);
  await trusted.obey((checks) => checks.length === 0);
});

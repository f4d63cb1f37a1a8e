import { catalog } from '@netsonde/probes/catalog';
import type { Test } from '@netsonde/protocol/api';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connectAgent, type TestAgent } from './agent.test-support.ts';
import { backdatePlan, plannedInstants } from './plan.test-support.ts';
import { type Credentials, setUp, startServer, type TestServer } from './server.test-support.ts';

// The load of a preview is worked out from results that the test delivers first.
vi.setConfig({ testTimeout: 120_000 });

let server: TestServer;
let admin: Credentials;
let agent: TestAgent;

beforeAll(async () => {
  server = await startServer();
  admin = await setUp(server);
  agent = await connectAgent(server, admin, { name: 'near' });
});
afterAll(async () => {
  await agent.close();
  await server.close();
});

const inputOf = (address: string, probe = 'http') => ({
  name: 'page',
  targets: [{ address }],
  checks: [{ probe }],
  agents: { by: 'chosen', agents: [agent.id] },
  interval: 60,
  duration: null,
});

interface Preview {
  readonly perHour: { readonly bytes: number };
  readonly typicalPerHour: { readonly bytes: number; readonly from: string };
}

async function preview(address: string, probe?: string): Promise<Preview> {
  const { status, body, text } = await server.call<Preview>('POST', '/tests/preview', inputOf(address, probe), admin);
  expect(status, text).toBe(200);
  return body;
}

test('a preview shows the load of typical runs, from recent results of the target or from the declaration', async () => {
  const address = 'http://127.0.0.1:9/';
  const before = await preview(address);
  const { typicalBytes = 0 } = catalog.http.cost(catalog.http.options.parse({}));
  expect(before.typicalPerHour).toEqual({ bytes: 60 * typicalBytes, from: 'declared' });
  expect(before.typicalPerHour.bytes).toBeLessThan(before.perHour.bytes / 10);

  const made = await server.call<Test>('POST', '/tests', inputOf(address), admin);
  const [check, target] = [made.body.checks[0]?.id ?? 0, made.body.targets[0]?.id ?? 0];
  await agent.obey((checks) => checks.length > 0);
  const absent = Object.fromEntries(
    catalog.http.metrics.filter(({ id }) => id !== 'wire_bytes').map(({ id }) => [id, 'not_requested' as const]),
  );
  const run = { t: 'run', check, target, late: 0, took: 1, verdict: 'up', absent } as const;
  const stamps = { kernel: 0, process: 1 };
  const intervalMs = made.body.interval * 1000;
  const planned = { agent: agent.id, check: run.check, target: run.target, intervalMs };
  const due = plannedInstants(planned, Date.now() - 3 * intervalMs, 2);
  backdatePlan(server, Date.now() - 10 * intervalMs);
  await agent.deliver(
    [400, 600].map((bytes, seq) => ({ ...run, seq, at: due[seq] ?? 0, metrics: { wire_bytes: bytes }, stamps })),
  );
  expect((await preview(address)).typicalPerHour).toEqual({ bytes: 60 * 500, from: 'results' });
  expect((await preview('http://127.0.0.2:9/')).typicalPerHour.from).toBe('declared');
  const icmp = await preview('127.0.0.1', 'icmp');
  expect(icmp.typicalPerHour).toEqual({ bytes: icmp.perHour.bytes, from: 'declared' });
});

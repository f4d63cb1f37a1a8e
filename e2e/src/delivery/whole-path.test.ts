import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import { createAdminToken, createAgentToken, openServer, readSettings } from '@netsonde/server';
import { expect, test } from 'vitest';
import { startAgentProcess } from './agent-process.ts';
import { apiOf } from './api-client.ts';
import { instantsDue } from './expected-runs.ts';
import { layGround, pause, until } from './ground.ts';

interface Row {
  readonly expected: number;
  readonly stored: number;
  readonly outstanding: number;
  readonly missed: Readonly<Record<string, number>>;
  readonly dropped: Readonly<Record<string, number>>;
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, count) => all + count, 0);

test('through the real server, over kills of the agent: the ledger is even with what the suite expects', async () => {
  const ground = await layGround();
  const settings = readSettings({
    NETSONDE_DATA: join(ground.folder, 'server'),
    SERVER_HOST: '127.0.0.1',
    SERVER_PORT: '0',
    CLIENT_HEARTBEAT_INTERVAL: '1',
  });
  const server = await openServer(settings, { catalog });
  const admin = await createAdminToken(settings.dataFolder, 'suite');
  const flags = { server: server.url, name: 'a', data: join(ground.folder, 'agent') };
  let agent = startAgentProcess({ ...flags, token: await createAgentToken(settings.dataFolder, 'suite') });
  try {
    const call = apiOf(server.url, admin);
    await agent.says('connected to', 40_000);
    const [{ address = '' } = {}] = ground.check(1, 1000, 1, 0).targets;
    const { id } = await call<{ id: number }>('/tests', {
      name: 'delivery',
      targets: [{ address }],
      checks: [{ probe: 'tcp' }],
      agents: { by: 'any', count: 1 },
      interval: 0.25,
      duration: null,
    });
    const results = async () =>
      (await call<{ results: { at: string }[] }>(`/tests/${id}/results?limit=1000`)).results.map(({ at }) =>
        Date.parse(at),
      );
    for (let life = 0; life < 3; life++) {
      await pause(2500);
      await agent.kill();
      await pause(700);
      agent = startAgentProcess(flags);
      await agent.says('connected to', 40_000);
    }
    await pause(2500);
    const stored = await results();
    const phase = (stored[0] ?? 0) % 250;
    const from = Math.min(...stored);
    const to = Date.now() - 1500;
    expect(new Set(stored).size).toBe(stored.length);
    expect(new Set(stored.map((at) => at % 250))).toEqual(new Set([phase]));
    const window = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
    const { rows } = await call<{ rows: Row[] }>(`/ledger?${window}`);
    expect(rows).toHaveLength(1);
    const [row] = rows as [Row];
    expect(row.expected).toBe(instantsDue(250, phase, from, to).length);
    expect(row.stored).toBe(stored.filter((at) => at < to).length);
    expect(row.stored + sum(row.missed) + sum(row.dropped)).toBe(row.expected);
    expect(row.outstanding).toBe(0);
    expect(sum(row.missed)).toBeGreaterThan(5);
  } finally {
    await agent.kill();
    await until('the agent has gone', () => agent.child.exitCode !== null || agent.child.signalCode !== null);
    await server.close();
    ground.close();
  }
}, 120_000);

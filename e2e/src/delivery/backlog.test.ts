import { expect } from 'vitest';
import { accountsOnceReported } from './expected-runs.ts';
import { pause, until } from './ground.ts';
import { test } from './meeting.test-support.ts';
import { startSessionServer } from './session-server.ts';

test('live results arrive while the server still receives a backlog, and overtake it', async ({ here }) => {
  const { ground, server } = here;
  const { kept } = ground;
  const check = ground.check(1, 200, 50, Date.now() + 1500);
  server.assign([check]);
  const agent = await here.startProcess({ token: await server.token() });
  await until('something is stored', () => kept.runs.length > 50);
  await server.vanish();
  await pause(2500);
  const ingest = kept.ingest.bind(kept);
  const arrivals: { readonly kind: string; readonly results: number; readonly newest: number; readonly at: number }[] =
    [];
  kept.ingest = async (intake) => {
    const head = Buffer.from(intake.frame).toString('latin1', 0, 60);
    const kind = /"kind":"(\w+)"/.exec(head)?.[1] ?? 'drops';
    if (kind === 'backlog') await pause(400);
    const report = await ingest(intake);
    arrivals.push({
      kind,
      results: report.results.length,
      newest: Math.max(0, ...report.results.map(({ at }) => at)),
      at: Date.now(),
    });
    return report;
  };
  here.server = await startSessionServer(ground.folder, kept, { port: server.port, checks: [check] });
  await until(
    'the backlog is in',
    () => {
      const backlog = arrivals.filter(({ kind }) => kind === 'backlog');
      return backlog.length > 2 && Date.now() - (backlog.at(-1)?.at ?? 0) > 3000;
    },
    60_000,
  );
  const lastBacklog = Math.max(...arrivals.filter(({ kind }) => kind === 'backlog').map(({ at }) => at));
  const overtaking = arrivals.filter(({ kind, at }) => kind === 'live' && at < lastBacklog);
  expect(overtaking.reduce((sum, { results }) => sum + results, 0)).toBeGreaterThan(100);
  const lag = overtaking.map(({ at, newest }) => at - newest).sort((a, b) => a - b);
  expect(lag[Math.floor(lag.length / 2)]).toBeLessThan(1000);
  const accounts = await accountsOnceReported(kept, [check], Date.now(), agent.stop);
  for (const { faults } of accounts) expect(faults).toEqual([]);
}, 90_000);

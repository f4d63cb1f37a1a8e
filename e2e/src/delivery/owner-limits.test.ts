import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import type { AssignedCheck } from '@netsonde/protocol';
import { expect } from 'vitest';
import { until } from './ground.ts';
import { type Meeting, test } from './meeting.test-support.ts';

function owner(here: Meeting, rules: object): void {
  const folder = join(here.ground.folder, 'a');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(rules));
}

/** The check with more targets at the same port. */
function withTargets(check: AssignedCheck, hosts: readonly string[]): AssignedCheck {
  const port = check.targets[0]?.address.split(':').at(-1);
  return { ...check, targets: hosts.map((host, i) => ({ target: i + 1, address: `${host}:${port}` })) };
}

const missed = (here: Meeting, target: number, reason: string) =>
  here.ground.kept.missed.filter((one) => one.target === target && one.reason === reason);

test.concurrent('a target that the owner refuses is missed at each instant, others of its check are measured, and the server is informed', async ({
  here,
}) => {
  owner(here, { deny: ['127.0.0.2'] });
  const hosts = ['127.0.0.1', '127.0.0.2', '[2002:a9fe:a9fe::1]', '169.254.169.254', '127.0.0.1'];
  here.server.assign([withTargets(here.ground.check(1, 200, 1, Date.now()), hosts)]);
  await here.start({ token: await here.server.token() });
  for (const target of [2, 3, 4])
    await until(`target ${target} is missed`, () => missed(here, target, 'policy').length > 3);
  await until('the others run', () =>
    [1, 5].every((id) => here.ground.kept.runs.filter(({ target }) => target === id).length > 3),
  );
  expect(new Set(here.ground.kept.runs.map(({ target }) => target))).toEqual(new Set([1, 5]));
  expect(here.ground.kept.runs.every(({ verdict }) => verdict === 'up')).toBe(true);
  const instants = missed(here, 4, 'policy').map(({ from, to, count }) => [to - from, count]);
  expect(instants.every(([span, count]) => span === 0 && count === 1)).toBe(true);
  const sent = here.server.events.filter(({ name }) => name === 'refused').at(-1)?.data;
  expect(sent).toEqual({
    agent: 1,
    refused: [
      { check: 1, target: 2, reason: expect.stringMatching(/policy: deny/) },
      { check: 1, target: 3, reason: expect.stringMatching(/leads to 169\.254\.169\.254, a cloud metadata address/) },
      { check: 1, target: 4, reason: expect.stringMatching(/--allow 169\.254\.169\.254/) },
    ],
  });
});

test.concurrent('runs beyond the byte limit of the owner are missed as budget, and a restart refunds nothing', async ({
  here,
}) => {
  const { bytes } = catalog.tcp.cost(catalog.tcp.options.parse({}));
  owner(here, { limits: { bytesPerDay: bytes * 6 } });
  here.server.assign([here.ground.check(1, 200, 1, Date.now())]);
  const first = await here.start({ token: await here.server.token() });
  await until('the budget is spent', () => missed(here, 1, 'budget').length > 2);
  const runs = here.ground.kept.runs.length;
  expect(runs).toBe(6);
  expect(first.lines.filter((line) => /runs are missed: the owner's limit is \d+ per day/.test(line))).toHaveLength(1);
  await first.agent.close();
  const before = missed(here, 1, 'budget').length;
  await here.start();
  await until('more are missed', () => missed(here, 1, 'budget').length > before + 2);
  expect(here.ground.kept.runs.length).toBe(runs);
});

test.concurrent('the limit of packets per second holds for all checks together', async ({ here }) => {
  owner(here, { limits: { packetsPerSecond: catalog.tcp.cost(catalog.tcp.options.parse({})).packets * 2 } });
  here.server.assign([1, 2, 3].map((id) => here.ground.check(id, 200, 1, Date.now())));
  const began = performance.now();
  await here.start({ token: await here.server.token() });
  await until(
    'some run and some are missed',
    () => here.ground.kept.runs.length > 5 && missed(here, 1, 'budget').length > 5,
  );
  const seconds = (performance.now() - began) / 1000;
  expect(here.ground.kept.runs.length).toBeLessThanOrEqual(2 * seconds + 1);
});

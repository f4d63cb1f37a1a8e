import { type PairOfHosts, pairOfHosts } from '@netsonde/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { calmRun } from '../run/calm-run.test-support.ts';
import { watchedInHost } from '../run/run-in-host.test-support.ts';

let hosts: PairOfHosts;

beforeAll(async () => {
  hosts = await pairOfHosts();
  await hosts.measuring.ip([
    'route add default via 10.201.0.77',
    `route add 198.51.100.0/24 via ${hosts.far.address4}`,
  ]);
  await hosts.far.ip(['route add blackhole 198.51.100.0/24']);
});
afterAll(() => hosts.close());

describe.each(['tcp', 'udp'])('a %s run', (probe) => {
  async function run(target: string) {
    const options = { timeoutSeconds: 1, ...(probe === 'udp' ? { count: 1 } : {}) };
    const { outcome } = await calmRun(async () => {
      // What the kernel has learnt of its neighbours in the run before would decide this one.
      await hosts.measuring.ip([`neigh flush dev ${hosts.device}`]);
      return watchedInHost(hosts.measuring, probe, target, options);
    });
    const { verdict, finding } = outcome;
    return [verdict, finding?.cause, finding?.side];
  }

  test('behind a gateway that is gone is unknown, by this host’s network', async () => {
    expect(await run('203.0.113.1:7')).toEqual(['unknown', 'local_network', 'agent']);
  });

  test('to a neighbour that is gone, or behind a gateway that answers, is down', async () => {
    expect(await run('10.201.0.78:7')).toEqual(['down', 'timeout', 'path']);
    expect((await run('198.51.100.1:7'))[0]).toBe('down');
  });
});

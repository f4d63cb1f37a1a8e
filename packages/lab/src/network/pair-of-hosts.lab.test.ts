import { expect, test } from 'vitest';
import { startCapture } from './capture.ts';
import { pairOfHosts } from './pair-of-hosts.ts';

test('two hosts on a cable reach each other over both families, and a capture sees the packets', async () => {
  await using pair = await pairOfHosts();
  const capture = await startCapture(pair.measuring, pair.device, 'icmp or icmp6');
  for (const address of [pair.far.address4, pair.far.address6]) {
    const { code } = await pair.measuring.exec('ping', ['-n', '-c', '2', '-i', '0.01', address]);
    expect(code).toBe(0);
  }
  const packets = await capture.stop();
  const echoes = packets.filter(({ identity }) => [0, 8, 128, 129].includes(identity.icmpType));
  // Neighbour discovery may send the second request before the first reply arrives.
  const types = echoes.map(({ identity }) => identity.icmpType);
  expect(types.toSorted((left, right) => left - right)).toEqual([0, 0, 8, 8, 128, 128, 129, 129]);
  for (const [asked, answered] of [
    [8, 0],
    [128, 129],
  ] as const) {
    const stampsOf = (type: number) =>
      echoes.filter(({ identity }) => identity.icmpType === type).map(({ atNs }) => atNs);
    const answers = stampsOf(answered);
    for (const [i, sent] of stampsOf(asked).entries()) expect(answers[i]).toBeGreaterThan(sent);
  }
});

test('a setting changes its own host only, and an invalid one is refused', async () => {
  await using pair = await pairOfHosts();
  await pair.measuring.sysctl('net.ipv4.ping_group_range', '0 0');
  const read = async (host: typeof pair.measuring): Promise<string> =>
    (await host.exec('cat', ['/proc/sys/net/ipv4/ping_group_range'])).stdout.trim();
  expect(await read(pair.measuring)).toBe('0\t0');
  expect(await read(pair.far)).toBe('1\t0');
  await expect(pair.measuring.sysctl('net.ipv4.no_such_setting', '1')).rejects.toThrow('no_such_setting');
});

import { afterEach, expect, test } from 'vitest';
import { type Lab, openLab } from './lab.ts';
import { roundTripsOf } from './round-trips.ts';
import { echoesOf } from './truth.ts';

let opened: Lab | undefined;
afterEach(() => opened?.close());

test.each([4, 6] as const)('echoes over IPv%d are paired as the log pairs them', async (version) => {
  const script = (['lose', 'duplicate'] as const).map((fate, packet) => ({ protocol: 'icmp' as const, packet, fate }));
  const lab = await openLab({ path: { forward: { delayMs: 20, script }, backward: { delayMs: 10 } } });
  opened = lab;
  const capture = await lab.capture('icmp or icmp6');
  const address = version === 4 ? lab.services.address4 : lab.services.address6;
  await lab.measuring.exec('ping', ['-n', '-q', '-c', '5', '-i', '0.01', address]);
  await lab.settle();
  const trips = roundTripsOf(await capture.stop());
  const echoes = echoesOf(await lab.truth());
  expect(trips.map(({ backAtNs }) => backAtNs.length)).toEqual([0, 2, 1, 1, 1]);
  expect(echoes.map(({ repliesDelivered }) => repliesDelivered.length)).toEqual([0, 2, 1, 1, 1]);
  for (const [index, { target, leftAtNs, backAtNs }] of trips.entries()) {
    const echo = echoes[index];
    expect(target).toBe(address);
    expect(leftAtNs).toBeLessThan(echo?.request.readAtNs ?? 0n);
    for (const [copy, back] of backAtNs.entries())
      expect(back - leftAtNs, `${index}, copy ${copy}`).toBeGreaterThanOrEqual(30_000_000n);
  }
});

import { afterEach, expect, test } from 'vitest';
import { LAB_ADDRESSES } from './addresses.ts';
import { type Lab, type LabOptions, openLab } from './lab.ts';
import { ping } from './ping-report.test-parts.ts';
import { echoesOf } from './truth.ts';

const labs: Lab[] = [];
afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.close();
});

async function open(options: LabOptions): Promise<Lab> {
  const lab = await openLab(options);
  labs.push(lab);
  return lab;
}

/** A soak run sets another one for each round. */
const SEED = Number(process.env.NETSONDE_TEST_SEED ?? 0);

test.each([4, 6] as const)(
  `IPv%i, seed ${SEED}: ping reports the same loss, duplicates and order as the log of the lab`,
  async (version) => {
    const side = { delayMs: 3, lossPct: 8, duplicatePct: 6, reorderPct: 10, reorderByMs: 12 };
    const lab = await open({ seed: 11 * version + 1000 * SEED, path: { forward: side, backward: side } });
    const report = await ping(lab, version === 4 ? lab.services.address4 : lab.services.address6, 150);
    await lab.settle();
    const echoes = echoesOf(await lab.truth());
    expect(echoes).toHaveLength(report.sent);
    const answered = echoes.filter((echo) => echo.repliesDelivered.length > 0);
    expect(report.received).toBe(answered.length);
    expect(report.duplicates).toBe(
      echoes.reduce((sum, echo) => sum + Math.max(0, echo.repliesDelivered.length - 1), 0),
    );
    const arrivals = answered.toSorted((left, right) => firstReply(left) - firstReply(right));
    expect(report.sequences).toEqual(arrivals.map((echo) => echo.sequence));
    expect(report.received).toBeLessThan(report.sent);
    expect(report.duplicates).toBeGreaterThan(0);
    expect(report.sequences).not.toEqual(report.sequences.toSorted((left, right) => left - right));
    expect(await lab.deviceDrops()).toBe(0);
  },
);

function firstReply(echo: ReturnType<typeof echoesOf>[number]): number {
  return Number((echo.repliesDelivered[0]?.writtenAtNs ?? 0n) - 1_700_000_000_000_000_000n);
}

test('a seed repeats the fates of packets, and another seed changes them', async () => {
  const path = { forward: { lossPct: 20, burst: { enterPct: 5, leavePct: 30 } } };
  const run = async (seed: string): Promise<readonly number[]> => {
    const lab = await open({ seed, path });
    return (await ping(lab, lab.services.address4, 100)).sequences;
  };
  const first = await run('a');
  expect(await run('a')).toEqual(first);
  expect(await run('b')).not.toEqual(first);
});

test('a path can change while packets are under way', async () => {
  const lab = await open({ path: { forward: { delayMs: 5 } } });
  const before = await ping(lab, lab.services.address4, 5);
  await lab.setPath({ forward: { delayMs: 25 }, backward: { delayMs: 25 } });
  const after = await ping(lab, lab.services.address4, 5);
  expect(Math.min(...before.rtts)).toBeGreaterThanOrEqual(5);
  expect(Math.min(...before.rtts)).toBeLessThan(50);
  expect(Math.min(...after.rtts)).toBeGreaterThanOrEqual(50);
  await expect(lab.setPath({ forward: { lossPct: -1 } })).rejects.toThrow('path.forward.lossPct');
});

test('a trace shows the routers, and the path MTU is found', async () => {
  const lab = await open({ path: { forward: { mtu: { bytes: 1380, hop: 2 } }, hops: 3 } });
  const { stdout } = await lab.measuring.exec('tracepath', ['-n', lab.services.address4]);
  for (const router of ['10.203.1.1', '10.203.2.1', '10.203.3.1']) expect(stdout).toContain(router);
  expect(stdout).toMatch(/pmtu 1380 hops 4 back 4/);
  const six = await lab.measuring.exec('tracepath', ['-6', '-n', lab.services.address6]);
  expect(six.stdout).toContain('fd00:203:3::1');
  expect(six.stdout).toMatch(/pmtu 1380 hops 4 back 4/);
});

test('a black hole drops packets that are too large, without an answer', async () => {
  const lab = await open({ path: { forward: { mtu: { bytes: 1300, blackHole: true } } } });
  expect((await ping(lab, lab.services.address4, 2, '-M', 'do', '-s', '1272')).received).toBe(2);
  const large = await ping(lab, lab.services.address4, 2, '-M', 'do', '-s', '1273');
  expect(large.received).toBe(0);
  expect(large.text).not.toContain('Frag needed');
});

test('fragments made on the way are reassembled', async () => {
  const lab = await open({ path: { forward: { mtu: 700 }, backward: { mtu: 600 } } });
  expect((await ping(lab, lab.services.address4, 3, '-M', 'dont', '-s', '1400')).received).toBe(3);
});

test('a thousand targets answer, of both families', async () => {
  const lab = await open({});
  for (const version of [4, 6] as const) {
    const { stdout } = await lab.measuring.exec('fping', [
      '-a',
      '-r',
      '0',
      '-i',
      '0.5',
      '-t',
      '3000',
      ...lab.targets(1000, version),
    ]);
    expect(stdout.trim().split('\n')).toHaveLength(1000);
  }
  const echoes = echoesOf(await lab.truth());
  expect(echoes.filter((echo) => echo.repliesDelivered.length === 1)).toHaveLength(2000);
});

test('packets to refusing addresses are prohibited, unreachable, or dropped', async () => {
  const lab = await open({});
  const refusals = [
    [LAB_ADDRESSES.prohibited4, 'Packet filtered'],
    [LAB_ADDRESSES.unreachable4, 'Destination Host Unreachable'],
    ['10.99.0.1', 'Destination Host Unreachable'],
    [LAB_ADDRESSES.unreachable6, 'No route'],
  ] as const;
  for (const [address, said] of refusals) expect((await ping(lab, address, 1, '-W', '10')).text).toContain(said);
  expect((await ping(lab, LAB_ADDRESSES.blackHole4, 1)).text).toContain('100% packet loss, time');
  const answers = (await lab.truth()).filter((record) => record.direction === 'backward' && record.icmpType === 3);
  expect(answers.map((record) => record.icmpCode)).toEqual([13, 1, 1]);
});

test('services run on the far host and are reached through the path', async () => {
  const lab = await open({
    path: { forward: { delayMs: 15 }, backward: { delayMs: 15 } },
    services: [{ kind: 'http', port: 80 }, { kind: 'udp_echo' }, { kind: 'https' }],
  });
  const program = `
    const began = performance.now();
    const response = await fetch('http://${lab.services.address4}/?body=far&status=201');
    console.log(JSON.stringify({ status: response.status, body: await response.text(), ms: performance.now() - began }));
  `;
  const { stdout, stderr } = await lab.measuring.exec(process.execPath, ['--input-type=module', '-e', program]);
  expect(stderr).toBe('');
  const seen = JSON.parse(stdout);
  expect(seen).toMatchObject({ status: 201, body: 'far' });
  expect(seen.ms).toBeGreaterThanOrEqual(60);
  expect(await lab.running.seen(0)).toMatchObject([{ method: 'GET', url: '/?body=far&status=201', connection: 1 }]);
  expect(lab.running.facts.map((facts) => facts.kind)).toEqual(['http', 'udp_echo', 'https']);
  expect(lab.running.facts[2]?.rootPem).toContain('BEGIN CERTIFICATE');
});

test('UDP services answer from each address that they listen on', async () => {
  const lab = await open({});
  const hosts = [...lab.targets(20), ...lab.targets(20, 6)];
  const running = await lab.startServices([{ kind: 'udp_echo', hosts }]);
  const program = `
    const dgram = await import('node:dgram');
    for (const host of ${JSON.stringify(hosts)}) {
      const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4');
      socket.connect(${running.facts[0]?.port}, host, () => socket.send('from ' + host));
      socket.on('message', (message) => { console.log(String(message)); socket.close(); });
    }
  `;
  const { stdout } = await lab.measuring.exec(process.execPath, ['--input-type=module', '-e', program], {
    timeoutMs: 5000,
  });
  expect(stdout.trim().split('\n').toSorted()).toEqual(hosts.map((host) => `from ${host}`).toSorted());
});

test('a program can run without privileges', async () => {
  const lab = await open({});
  const capabilities = async (unprivileged: boolean): Promise<string> =>
    (await lab.measuring.exec('grep', ['CapEff', '/proc/self/status'], { unprivileged })).stdout
      .replace(/\s+/g, ' ')
      .trim();
  expect(await capabilities(true)).toBe('CapEff: 0000000000000000');
  expect(await capabilities(false)).not.toBe('CapEff: 0000000000000000');
});

test('a service that cannot start says why', async () => {
  const lab = await open({});
  await expect(
    lab.startServices([
      { kind: 'http', port: 80 },
      { kind: 'http', port: 80 },
    ]),
  ).rejects.toThrow('EADDRINUSE');
});

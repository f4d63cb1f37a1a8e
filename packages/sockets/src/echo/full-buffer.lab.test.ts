import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { inOwnNamespace, run } from '../test-support.test-namespace.ts';
import { type FarEnd, openFarEnd, startTrain } from './far-end.test-parts.ts';

const NOBODY = 65_534;
/** More than the largest receive buffer that an engine asks for can hold (16 MB, as the kernel counts). */
const COUNT = 12_000;
const SIZE_BYTES = 1400;

let far: FarEnd;
inOwnNamespace();
afterEach(() => far?.close());

test.each([
  ['ping-socket', NOBODY],
  ['raw', 0],
] as const)(
  'answers that overflow the buffer of a %s are counted as this host’s own drops',
  async (via, user) => {
    run(`sysctl -qw net.ipv4.ping_group_range=${NOBODY}\t${NOBODY}`);
    far = openFarEnd(COUNT * 2);
    const echoes: Buffer[] = [];
    const all = new Promise<void>((resolve) => {
      far.onEcho = (packet) => {
        echoes.push(packet);
        if (echoes.length === COUNT) resolve();
      };
    });
    const request = { address: far.address, count: COUNT, intervalMs: 0, timeoutMs: 4000, sizeBytes: SIZE_BYTES };
    const { child, train } = startTrain({ ...request, lingerMs: 50 }, { uid: user, gid: user });
    await Promise.race([all, train]);
    child.kill('SIGSTOP');
    await stopped(child.pid ?? 0);
    far.answer(echoes);
    child.kill('SIGCONT');
    const ended = await train;
    expect(ended).toMatchObject({ via, sent: COUNT, duplicates: 0, late: 0 });
    expect(ended.localDrops).toBeGreaterThan(0);
    expect(ended.received + ended.localDrops).toBe(COUNT);
  },
  60_000,
);

/** Waits until the kernel says that the process is stopped, 2 s at most. */
async function stopped(pid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (/\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`process ${pid} did not stop within 2 s`);
}

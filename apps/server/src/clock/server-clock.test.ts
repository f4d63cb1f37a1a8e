import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kernelClock } from '@netsonde/sockets/host';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openServerClock, type ServerClock } from './server-clock.ts';

const DAY = 86_400_000;
/** Where a time service keeps the kernel's clock in step, it is believed whatever the peers say. */
const isKernelSure = kernelClock()?.synchronised === true;

let folder: string;
let aheadMs: number;
let lines: string[];
let opened: ServerClock[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-server-clock-'));
  aheadMs = 0;
  lines = [];
  opened = [];
});
afterEach(() => {
  for (const clock of opened) clock.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(): ServerClock {
  const log = { warn: (text: string) => void lines.push(text), info: (text: string) => void lines.push(text) };
  const clocks = {
    wallMs: () => Date.now() + aheadMs,
    monotonicMs: () => performance.now(),
    uptimeMs: () => performance.now(),
  };
  const clock = openServerClock({ dataFolder: folder, log, clocks });
  opened.push(clock);
  return clock;
}

const elsewhere = { address: '192.0.2.7', boot: 'another' };

test.skipIf(isKernelSure)(
  'a clock that is set is not believed until an administrator says so, also after a restart',
  () => {
    const first = open();
    expect(first.least()).toBeNull();
    first.close();
    aheadMs = 150 * DAY;
    const second = open();
    expect(Math.abs(second.now() - Date.now())).toBeLessThan(5000);
    expect(second.state().problem).toMatchObject({ kind: 'stepped' });
    expect(lines.join()).toContain('150 days ahead');
    const moved: number[] = [];
    second.onCorrection(({ byMs }) => void moved.push(byMs));
    second.believe();
    expect(Math.abs(second.now() - Date.now() - aheadMs)).toBeLessThan(5000);
    expect(second.state()).toMatchObject({ problem: null, witness: 'administrator' });
    expect(Math.abs((moved[0] ?? 0) - aheadMs)).toBeLessThan(5000);
    expect(statSync(join(folder, 'clock.json')).mode & 0o777).toBe(0o600);
  },
);

test.skipIf(isKernelSure)('agents on other hosts confirm the time, those on this host do not', () => {
  const clock = open();
  clock.heard(1, { offsetMs: 3, errorMs: 4 }, { address: '127.0.0.1' });
  clock.heard(2, { offsetMs: 3, errorMs: 4 }, { address: '::ffff:127.0.0.1' });
  expect(clock.isSure()).toBe(false);
  clock.heard(3, { offsetMs: 3, errorMs: 4 }, elsewhere);
  expect(clock.isSure()).toBe(true);
  expect(clock.state().witness).toBe('peer');
  expect(clock.least()).toBeGreaterThan(Date.now() - 60_000);
});

test('a file that holds something else is passed over', () => {
  writeFileSync(join(folder, 'clock.json'), '{"bestMs": "soon"}');
  expect(Math.abs(open().now() - Date.now())).toBeLessThan(5000);
  expect(JSON.parse(readFileSync(join(folder, 'clock.json'), 'utf8'))).toMatchObject({ bestMs: expect.any(Number) });
});

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clockNs } from './clock.ts';
import { ClockGuard } from './clock-guard.ts';

test('a clock that is not set shows no step over many readings', () => {
  const baseSeconds = Math.floor(Date.now() / 1000);
  const guard = new ClockGuard(baseSeconds);
  for (let reading = 0; reading < 20_000; reading += 1) guard.read();
  expect(guard.epoch).toBe(0);
  const before = clockNs('monotonic');
  guard.read();
  expect(BigInt(guard.monoNs)).toBeGreaterThanOrEqual(before);
  expect(BigInt(guard.monoNs)).toBeLessThanOrEqual(clockNs('monotonic'));
  const wall = BigInt(guard.wallNs) + BigInt(baseSeconds) * 1_000_000_000n;
  expect(wall).toBeLessThanOrEqual(clockNs('realtime'));
});

/** libfaketime steps the wall clock of this one program; the machine's clock stays as it is. */
const program = `
import { writeFileSync } from 'node:fs';
import { ClockGuard } from ${JSON.stringify(new URL('../../dist/kernel/clock-guard.js', import.meta.url).href)};
const file = process.env.FAKETIME_TIMESTAMP_FILE;
const guard = new ClockGuard(Math.floor(Date.now() / 1000));
const epochs = [];
for (const step of ['+0', '+3600', '+3600', '-3600', '+0']) {
  writeFileSync(file, step);
  for (let reading = 0; reading < 100; reading += 1) guard.read();
  epochs.push(guard.epoch);
}
console.log(JSON.stringify(epochs));
`;

test('each step of the wall clock is noticed once, an hour forwards or backwards', () => {
  const library = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`;
  expect(existsSync(library), `this test needs ${library}: apt-get install libfaketime`).toBe(true);
  const folder = mkdtempSync(join(tmpdir(), 'clock-guard-'));
  const file = join(folder, 'faketime');
  writeFileSync(file, '+0');
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { env }).toString();
  rmSync(folder, { recursive: true });
  expect(JSON.parse(output)).toEqual([0, 1, 1, 2, 3]);
});

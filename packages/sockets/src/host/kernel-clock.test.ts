import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bootId, kernelClock } from './index.ts';

const LINUX = process.platform === 'linux';
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

test.skipIf(!LINUX)(
  'the kernel says whether its clock is synchronised as the system call does in another program',
  () => {
    const script = [
      'import ctypes, struct',
      'timex = ctypes.create_string_buffer(208)',
      'state = ctypes.CDLL(None).adjtimex(timex)',
      'print(int(state != 5 and not struct.unpack_from("i", timex, 40)[0] & 64), struct.unpack_from("q", timex, 24)[0] / 1000)',
    ].join('\n');
    const [synchronised, errorMs] = execFileSync('python3', ['-c', script], { encoding: 'utf8' }).trim().split(' ');
    const known = kernelClock();
    expect(known?.synchronised).toBe(synchronised === '1');
    expect(known?.errorMs).toBeCloseTo(Number(errorMs), -2);
  },
);

test.skipIf(!LINUX)('the kernel says nothing of a clock that only this process is shown', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-kernel-clock-'));
  try {
    writeFileSync(join(folder, 'clock'), '+3600\n');
    const module = new URL('../../dist/host/index.js', import.meta.url).href;
    const script = `import(${JSON.stringify(module)}).then((host) => console.log(JSON.stringify(host.kernelClock())))`;
    const shown = (env: Record<string, string>) =>
      execFileSync(process.execPath, ['-e', script], { encoding: 'utf8', env: { ...process.env, ...env } }).trim();
    expect(shown({})).not.toBe('null');
    expect(
      shown({ LD_PRELOAD: FAKETIME, FAKETIME_TIMESTAMP_FILE: join(folder, 'clock'), DONT_FAKE_MONOTONIC: '1' }),
    ).toBe('null');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.skipIf(!LINUX)('the boot id is the same for all processes of this boot', () => {
  expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(bootId()).toBe(execFileSync('cat', ['/proc/sys/kernel/random/boot_id'], { encoding: 'utf8' }).trim());
});

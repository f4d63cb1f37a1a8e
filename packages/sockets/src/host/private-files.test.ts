import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPrivate, isOpenFolder, makePrivate } from './index.ts';

const BUILT = fileURLToPath(new URL('../../dist/host/index.js', import.meta.url));
const AS_NOBODY = `const { makePrivate } = await import(process.argv[1]); console.log(JSON.stringify(makePrivate(process.argv.slice(2))));`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-modes-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, mode: number): string {
  const path = join(folder, name);
  writeFileSync(path, '');
  chmodSync(path, mode);
  return path;
}
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe.skipIf(process.platform === 'win32')('modes of private files', () => {
  test('a file is created with mode 0600 whatever the umask, and one that is there stays as it is', () => {
    const before = process.umask(0);
    try {
      const path = join(folder, 'new');
      createPrivate(path);
      expect(modeOf(path)).toBe(0o600);
      const wide = file('wide', 0o644);
      createPrivate(wide);
      expect(modeOf(wide)).toBe(0o644);
    } finally {
      process.umask(before);
    }
  });

  test('wider modes are fixed, missing files are left out, and a folder that others can enter counts as open', () => {
    const [group, all, own] = [file('group', 0o640), file('all', 0o666), file('own', 0o600)];
    expect(makePrivate([group, all, own, join(folder, 'none')])).toEqual({ fixed: [group, all], exposed: [] });
    expect([group, all].map(modeOf)).toEqual([0o600, 0o600]);
    expect(isOpenFolder(folder)).toBe(false);
    chmodSync(folder, 0o751);
    expect(isOpenFolder(folder)).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)(
    'files of another user are reported where everybody can read them, and not where only a group can',
    () => {
      chmodSync(folder, 0o755);
      const [all, group] = [file('all', 0o604), file('group', 0o640)];
      const out = execFileSync('setpriv', [
        ...['--reuid=65534', '--regid=65534', '--clear-groups'],
        ...[process.execPath, '--input-type=module', '-e', AS_NOBODY, BUILT, all, group],
      ]);
      expect(JSON.parse(String(out))).toEqual({ fixed: [], exposed: [all] });
    },
  );
});

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setUp } from './setup.js';
import { fail, root } from './steps.js';

/**
 * `npm run keep-version -- NAME`: packs the built agent, server and command line of this checkout, without tests, to
 * `e2e/src/skew/versions/NAME.tar.gz`. The suite there runs each kept version against the current one.
 */
const PARTS = ['packages/metrics', 'packages/probes', 'packages/protocol', 'packages/sockets'];
const APPS = ['apps/agent', 'apps/server', 'apps/cli', 'apps/web'];

try {
  const [name] = process.argv.slice(2);
  if (name === undefined || !/^[\w.-]+$/.test(name)) throw new Error('write a name, like protocol-1.2');
  await setUp();
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-keep-'));
  try {
    for (const part of [...PARTS, ...APPS]) copyBuilt(part, folder);
    const versions = join(root, 'e2e', 'src', 'skew', 'versions');
    mkdirSync(versions, { recursive: true });
    execFileSync('tar', [
      '-C',
      folder,
      '--sort=name',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '-czf',
      join(versions, `${name}.tar.gz`),
      '.',
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} catch (error) {
  fail(error);
}

/** The manifest of one workspace and what it runs from; of the dashboard the manifest only. */
function copyBuilt(part, folder) {
  const copy = (path) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  };
  copy(join(part, 'package.json'));
  if (part === 'apps/web') return;
  for (const below of ['bin', 'dist'])
    if (existsSync(join(root, part, below)))
      for (const entry of readdirSync(join(root, part, below), { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name).slice(root.length);
        if (entry.isFile() && entry.name.endsWith('.js') && !entry.name.includes('.test') && isCurrent(path))
          copy(path);
      }
}

/** Whether a built file still has its source: builds leave the files of removed ones behind. */
function isCurrent(path) {
  if (!path.includes('/dist/')) return true;
  const source = path.replace('/dist/', '/src/').replace(/\.js$/, '');
  return existsSync(join(root, `${source}.ts`)) || existsSync(join(root, `${source}.tsx`));
}

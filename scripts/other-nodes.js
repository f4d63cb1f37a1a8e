import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fail, must, root } from './steps.js';

/**
 * `npm run other-nodes -- [22] [24]`: `npm test` of the last commit, on a fresh clone, with other versions of Node than the
 * one at hand. They come from the npm registry, headers included, so that native parts can be compiled for them.
 */
const wanted = process.argv.slice(2);
const versions = wanted.length > 0 ? wanted : ['22', '24'];

/** Unpacks a release of Node into `folder`. */
function fetchNode(version, folder) {
  const name = `node-${process.platform}-${process.arch}@${version}`;
  const packed = execFileSync('npm', ['pack', name, '--silent', '--pack-destination', folder], { encoding: 'utf8' });
  execFileSync('tar', ['xzf', join(folder, packed.trim()), '-C', folder]);
  return join(folder, 'package');
}

async function testWith(version) {
  const folder = mkdtempSync(join(tmpdir(), `netsonde-node-${version}-`));
  // Some suites run parts as a user without privileges, who must be able to read them.
  chmodSync(folder, 0o755);
  try {
    const node = fetchNode(version, folder);
    const checkout = join(folder, 'checkout');
    execFileSync('git', ['clone', '--quiet', root, checkout]);
    const path = `${join(node, 'bin')}${delimiter}${process.env.PATH}`;
    const env = { ...process.env, PATH: path, npm_config_nodedir: node };
    process.stdout.write(`\n== Node ${execFileSync('node', ['--version'], { env, encoding: 'utf8' })}`);
    await must(`the suites with Node ${version}`, 'npm', ['test'], { cwd: checkout, env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  for (const version of versions) await testWith(version);
} catch (error) {
  fail(error);
}

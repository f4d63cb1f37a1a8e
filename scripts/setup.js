import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { must, root } from './steps.js';

const OLDEST_NODE = [20, 19];
/** Installs and builds what is not yet there or has changed since; does nothing otherwise. */
export async function setUp() {
  checkNode();
  await install();
  await build();
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(
    `Node ${process.versions.node} is too old: Netsonde needs ${OLDEST_NODE.join('.')} or newer (20.19, 22 and 24 work)`,
  );
}

async function install() {
  const stamp = join(root, 'node_modules', '.netsonde-installed');
  const wanted = `${hashOf([join(root, 'package-lock.json')])} abi ${process.versions.modules}`;
  if (read(stamp) === wanted) return;
  if (isInstalled()) {
    writeFileSync(stamp, wanted);
    return;
  }
  process.stderr.write('Installing packages (a minute or two, once)...\n');
  await must('installing packages', 'npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

/** Whether somebody has installed what the lock file says, for this very Node, without these scripts. */
function isInstalled() {
  const there = read(join(root, 'node_modules', '.package-lock.json'));
  if (there === null) return false;
  const installed = JSON.parse(there).packages;
  const wanted = Object.entries(JSON.parse(read(join(root, 'package-lock.json'))).packages);
  const lacking = wanted.filter(
    ([path, { version, optional, link }]) =>
      path.startsWith('node_modules/') && !optional && !link && installed[path]?.version !== version,
  );
  return lacking.length === 0 && nativePartsLoad();
}

/** Whether the database driver that this Node needs is there and made for it: `sqlite-driver.ts` of the server chooses the same. */
function nativePartsLoad() {
  const driver = Number(process.versions.napi) >= 10 ? 'better-sqlite3-napi' : 'better-sqlite3';
  try {
    const Database = createRequire(join(root, 'apps', 'server', 'package.json'))(driver);
    new Database(':memory:').close();
    return true;
  } catch {
    return false;
  }
}

async function build() {
  await must('building', join(root, 'node_modules', '.bin', 'tsc'), ['-b']);
  const stamp = join(root, 'apps', 'web', 'dist', '.built-from');
  const wanted = hashOf(webSources());
  if (read(stamp) === wanted) return;
  process.stderr.write('Building the dashboard...\n');
  await must('building the dashboard', 'npm', ['run', 'build', '--workspace', '@netsonde/web', '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  writeFileSync(stamp, wanted);
}

/** All that the dashboard is made from. */
function webSources() {
  const folders = ['apps/web', 'packages/metrics/src', 'packages/probes/src', 'packages/protocol/src'];
  return ['package-lock.json', ...folders].flatMap((path) => filesBelow(join(root, path)));
}

function filesBelow(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name !== 'dist' && name !== 'node_modules')
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest('hex');
}

const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : null);

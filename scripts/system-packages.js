import { existsSync } from 'node:fs';
import { has, must } from './steps.js';

/** Programs that the suites run beside Node, and the Debian package of each. */
const FOR_TESTS = {
  chromium: 'chromium',
  curl: 'curl',
  faketime: 'faketime',
  ip: 'iproute2',
  nsenter: 'util-linux',
  openssl: 'openssl',
  ping: 'iputils-ping',
  strace: 'strace',
  tcpdump: 'tcpdump',
  tracepath: 'iputils-tracepath',
};

/** Peers that benchmarks measure beside us. */
const FOR_BENCHES = { fping: 'fping', 'prometheus-blackbox-exporter': 'prometheus-blackbox-exporter' };

/**
 * Installs what is missing where it may (root on Debian).
 * @throws Error that names each missing program and the command that brings it.
 */
export async function ensurePrograms(kind) {
  const needed = kind === 'bench' ? { ...FOR_TESTS, ...FOR_BENCHES } : FOR_TESTS;
  const missing = () => Object.keys(needed).filter((program) => !has(program));
  if (missing().length === 0) return;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get'))
    await aptInstall(missing().map((program) => needed[program]));
  const still = missing();
  if (still.length === 0) return;
  const packages = still.map((program) => needed[program]).join(' ');
  throw new Error(`missing: ${still.join(', ')}. Install with: sudo apt-get install ${packages}`);
}

async function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = { env, stdio: ['ignore', 'ignore', 'inherit'] };
  process.stderr.write(`Installing Debian packages: ${packages.join(' ')}\n`);
  await must('reading the package lists', 'apt-get', ['update', '-qq'], options);
  await must(
    'installing Debian packages',
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
    options,
  );
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import { createNetworkNamespace, enterNetworkNamespace } from './kernel/namespace.ts';

/** Runs a command line in the namespace of the calling thread. */
export function run(line: string): string {
  const [program = '', ...operands] = line.split(' ');
  return execFileSync(program, operands, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
}

/**
 * Moves a suite into a network namespace of its own, loopback up, and back to the others when it ends. Threads and programs
 * that it starts are there too. Call it once, at the top of a file.
 */
export function inOwnNamespace(): void {
  let home: number | undefined;
  beforeAll(() => {
    if (process.getuid?.() !== 0) throw new Error('this suite needs root, to make network namespaces');
    home = openSync('/proc/thread-self/ns/net', 'r');
    createNetworkNamespace();
    run('ip link set lo up');
  });
  afterAll(() => {
    if (home === undefined) return;
    enterNetworkNamespace(`/proc/self/fd/${home}`);
    closeSync(home);
  });
}

/** A second host: a namespace held by a sleeping process. */
export interface Peer {
  run(line: string): string;
  close(): void;
}

/** Makes a second host joined to this one by veth: `near` here, `far` there, with the given addresses (with prefix length). */
export async function veth(
  near: string,
  far: string,
  addresses: readonly (readonly [string, string])[],
): Promise<Peer> {
  const holder: ChildProcess = spawn('unshare', ['-n', 'sleep', '600'], { stdio: 'ignore' });
  const pid = String(holder.pid);
  await untilOtherNamespace(pid);
  run(`ip link add ${near} type veth peer name ${far} netns ${pid}`);
  const there = (line: string) => run(`nsenter -t ${pid} -n ${line}`);
  for (const [here, peer] of addresses) {
    const flags = here.includes(':') ? ' nodad' : '';
    run(`ip address add ${here} dev ${near}${flags}`);
    there(`ip address add ${peer} dev ${far}${flags}`);
  }
  there('ip link set lo up');
  run(`ip link set ${near} up`);
  there(`ip link set ${far} up`);
  return { run: there, close: () => void holder.kill('SIGKILL') };
}

async function untilOtherNamespace(pid: string): Promise<void> {
  const own = execFileSync('readlink', ['/proc/thread-self/ns/net']).toString();
  for (let tries = 0; tries < 200; tries += 1) {
    if (execFileSync('readlink', [`/proc/${pid}/ns/net`]).toString() !== own) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('unshare -n did not make a namespace within 2 s');
}

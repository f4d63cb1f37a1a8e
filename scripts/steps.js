import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The checkout's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program in the checkout, its output on ours. Resolves to its exit code; a signal counts as 1. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/** Runs a program that must succeed. @throws Error that names what failed. */
export async function must(what, command, args, options = {}) {
  const code = await run(command, args, options);
  if (code !== 0) throw new Error(`${what} failed: ${[command, ...args].join(' ')} ended with ${code}`);
}

/** Whether a command is on the PATH. */
export function has(command) {
  return spawnSync('sh', ['-c', `command -v "$1"`, 'sh', command], { stdio: 'ignore' }).status === 0;
}

/** Prints why a script cannot go on, and ends it. */
export function fail(error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

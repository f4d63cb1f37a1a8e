import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';

const SETTLE_MS = 300;
const LONGEST_S = 120;

/** Keeps every core busy with its own loop; ends after two minutes. Returns a function that ends it. */
export async function busyCores(): Promise<() => Promise<void>> {
  const loop = `const end = Date.now() + ${LONGEST_S * 1000}; while (Date.now() < end);`;
  const children = cpus().map(() => spawn(process.execPath, ['-e', loop], { stdio: 'ignore' }));
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return async () => {
    for (const child of children) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of a suite, with all that it wrote. */
export interface WatchedProcess {
  readonly child: ChildProcess;
  /** Everything that it wrote. */
  output(): string;
  /** Resolves when the output holds the text. @throws Error with what it said instead, when it ends or takes too long. */
  says(text: string | RegExp, timeoutMs?: number): Promise<void>;
  running(): boolean;
  /** SIGKILL to it and all that it started; nothing where it has ended. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
}

const E2E = fileURLToPath(new URL('../../', import.meta.url));

/** Starts a command with this environment and nothing else of ours but PATH and HOME. */
export function watchProcess(
  name: string,
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): WatchedProcess {
  const child = spawn(command, args, {
    cwd: E2E,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what stands in front of it (strace) must not leave it behind.
    detached: true,
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  const gone = once(child, 'exit');
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    child,
    output: () => output,
    running,
    async says(text, timeoutMs = 40_000) {
      const end = Date.now() + timeoutMs;
      const found = () => (typeof text === 'string' ? output.includes(text) : text.test(output));
      while (!found()) {
        if (Date.now() > end || !running())
          throw new Error(`${name} never said ${text}; it said:\n${output.slice(-3000)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async kill() {
      if (running() && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await gone;
    },
    async stop() {
      if (running()) child.kill('SIGTERM');
      await gone;
    },
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of a test, with all its output. */
export interface WatchedProcess {
  readonly child: ChildProcess;
  /** All its output. */
  output(): string;
  /**
   * Resolves when the output contains the text. @throws Error with the output, when the process ends or takes too
   * long.
   */
  says(text: string | RegExp, timeoutMs?: number): Promise<void>;
  running(): boolean;
  /** Sends SIGKILL to it and all that it started; nothing where it has ended. */
  kill(): Promise<void>;
  /** Sends SIGTERM and waits for its end. */
  stop(): Promise<void>;
}

const E2E = fileURLToPath(new URL('../../', import.meta.url));

/** Starts a command with this environment; of ours it gets only PATH and HOME. */
export function watchProcess(
  name: string,
  [command = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): WatchedProcess {
  const child = spawn(command, args, {
    cwd: E2E,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Its own process group: a command in front of it (strace) must not leave it behind.
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

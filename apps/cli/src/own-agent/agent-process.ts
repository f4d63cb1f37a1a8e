import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/netsonde.js', import.meta.url));
/** Time for the agent to say goodbye before it is killed, ms. */
const PATIENCE_MS = 4500;

/** An agent in its own process, which ends when this process does, in whatever way. */
export interface AgentProcess {
  /** Resolves with the reason when the agent ends. */
  readonly ended: Promise<string>;
  /** Makes it read its files again. */
  reload(): Promise<void>;
  /** Ends it, gracefully where that is quick. */
  stop(): Promise<void>;
}

/** Starts `netsonde agent` with this environment. */
export function startAgentProcess(env: NodeJS.ProcessEnv): AgentProcess {
  const child = spawn(process.execPath, [PROGRAM, 'agent'], {
    // Not in the terminal's process group: this process receives Ctrl-C, and ends the agent before the server.
    detached: true,
    // The channel carries no data. Its end shows the agent that this process is gone.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env,
  });
  return {
    ended: once(child, 'exit').then(([code, signal]) => endOf(code, signal)),
    reload: async () => void child.kill('SIGHUP'),
    stop: () => stop(child),
  };
}

const endOf = (code: number | null, signal: NodeJS.Signals | null): string =>
  `the agent of this host ended (${signal ?? `exit code ${code}`}); its log above says why`;

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await gone;
  clearTimeout(timer);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/netsonde.js', import.meta.url));
/** Time for the agent to say goodbye before it is ended, ms. */
const PATIENCE_MS = 4500;

/** An agent in a process of its own, which ends when this process does, however it does. */
export interface AgentProcess {
  /** Resolves with what happened, when the agent ends. */
  readonly ended: Promise<string>;
  /** Ends it, orderly if that goes quickly. */
  stop(): Promise<void>;
}

/** Starts `netsonde agent` with this environment. */
export function startAgentProcess(env: NodeJS.ProcessEnv): AgentProcess {
  const child = spawn(process.execPath, [PROGRAM, 'agent'], {
    // Not the terminal's group: Ctrl-C comes to us, and we end the agent before the server.
    detached: true,
    // The channel carries nothing: its end tells the agent that we are gone.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env,
  });
  return { ended: once(child, 'exit').then(([code, signal]) => endOf(code, signal)), stop: () => stop(child) };
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

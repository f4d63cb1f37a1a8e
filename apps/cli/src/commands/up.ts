import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalog } from '@netsonde/probes/catalog';
import type { RunningServer, Settings } from '@netsonde/server';
import { Command } from 'commander';
import { EXIT, type Terminal } from '../terminal.ts';
import { announcement, settingsFrom, startServer } from './server.ts';

interface UpParts {
  readonly catalog: Catalog;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  exit(code: number): void;
}

/** The label by which the starter test finds the agent of the server's own host. */
const LOCAL = Object.freeze({ host: 'local' });
/** Time for the agent to say goodbye before it is ended, ms. */
const PATIENCE_MS = 4500;
const PROGRAM = fileURLToPath(new URL('../../bin/netsonde.js', import.meta.url));

/** `netsonde up`: the server, an agent on this host in a process of its own, and a first test of this host itself. */
export function upCommand({ catalog, env, terminal, exit }: UpParts): Command {
  return new Command('up')
    .description('run the server, an agent on this host and a first test of it')
    .action(async () => {
      const settings = await settingsFrom(env);
      const server = await startServer(env, catalog);
      try {
        await server.ensureStarterTest({ by: 'labels', labels: LOCAL });
        const agent = await startAgent(server, settings, env);
        terminal.out(announcement(server));
        const stopped = await Promise.race([ended(terminal.signal), agentEnded(agent)]);
        if (stopped !== null) {
          terminal.err(`${stopped}\n`);
          exit(EXIT.notUp);
        }
        await stop(agent);
      } finally {
        await server.close();
      }
    });
}

async function startAgent(
  { url }: RunningServer,
  { dataFolder, databaseFile }: Settings,
  env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
  const data = join(dataFolder, 'agent');
  const { createAgentToken } = await import('@netsonde/server');
  const token = existsSync(join(data, 'server.json'))
    ? undefined
    : await createAgentToken(dataFolder, 'this host', databaseFile);
  const labels = Object.entries(LOCAL).map(([key, value]) => `${key}=${value}`);
  return spawn(process.execPath, [PROGRAM, 'agent'], {
    // Not the terminal's group: Ctrl-C comes to us, and we end the agent before the server.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...env,
      NETSONDE_SERVER: url,
      NETSONDE_LISTEN: '',
      NETSONDE_AGENT_DATA: data,
      NETSONDE_LABELS: labels.join(','),
      ...(token === undefined ? {} : { NETSONDE_TOKEN: token }),
    },
  });
}

async function ended(signal: AbortSignal): Promise<null> {
  if (!signal.aborted) await once(signal, 'abort');
  return null;
}

async function agentEnded(agent: ChildProcess): Promise<string> {
  const [code, signal] = (await once(agent, 'exit')) as [number | null, NodeJS.Signals | null];
  return `the agent of this host ended (${signal ?? `exit code ${code}`}); its log above says why`;
}

async function stop(agent: ChildProcess): Promise<void> {
  if (agent.exitCode !== null || agent.signalCode !== null) return;
  const gone = once(agent, 'exit');
  agent.kill('SIGTERM');
  const timer = setTimeout(() => agent.kill('SIGKILL'), PATIENCE_MS);
  await gone;
  clearTimeout(timer);
}

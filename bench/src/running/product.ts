import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Agent } from '@netsonde/protocol/api';
import { createAdminToken, createAgentToken } from '@netsonde/server';
import { type Api, apiOf } from './api.ts';
import { type RunningProgram, startProgram } from './program.ts';

export const NETSONDE = fileURLToPath(new URL('../../../apps/cli/bin/netsonde.js', import.meta.url));

/** A server as it ships, in its own process, with a data folder that is deleted with it. */
export interface Product {
  readonly folder: string;
  readonly api: Api;
  readonly server: RunningProgram;
  /** Starts an agent in its own process; the same name is the same agent again. Resolves when the process runs. */
  startAgent(name: string, nodeFlags?: readonly string[]): Promise<RunningProgram>;
  /** Waits until the server reports that the agent is online and runs its assignment. */
  agentInStep(name: string): Promise<Agent>;
  close(): Promise<void>;
}

const IN_STEP_MS = 60_000;

/** Opens a server on a free port of loopback, in the benchmark's own network namespace. */
export async function openProduct(): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-bench-'));
  const server = await startProgram({
    command: process.execPath,
    args: [NETSONDE, 'server'],
    env: { NETSONDE_DATA: join(folder, 'server'), SERVER_HOST: '127.0.0.1', SERVER_PORT: '0' },
    logFile: join(folder, 'server.log'),
    ready: /runs at \S+/,
  });
  const url = /runs at (\S+)/.exec(server.said())?.[1] ?? '';
  const api = apiOf(url, await createAdminToken(join(folder, 'server'), 'bench'));
  const agents: RunningProgram[] = [];
  const enrolled = new Set<string>();
  return {
    folder,
    api,
    server,
    async startAgent(name, nodeFlags = []) {
      const token = enrolled.has(name) ? [] : ['--token', await createAgentToken(join(folder, 'server'), name)];
      enrolled.add(name);
      const where = ['--server', url, '--name', name, '--data', join(folder, name)];
      const args = [...nodeFlags, NETSONDE, 'agent', ...where, ...token];
      const agent = await startProgram({ command: process.execPath, args, logFile: join(folder, `${name}.log`) });
      agents.push(agent);
      return agent;
    },
    agentInStep: (name) => inStep(api, name),
    async close() {
      for (const agent of agents) await agent.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function inStep(api: Api, name: string): Promise<Agent> {
  const end = performance.now() + IN_STEP_MS;
  while (performance.now() < end) {
    const agent = (await api.get<Agent[]>('/agents')).find((one) => one.name === name);
    if (agent?.status === 'online' && agent.assignment.inStep) return agent;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the agent ${name} was not online and in step within ${IN_STEP_MS} ms`);
}

import { join } from 'node:path';
import { createAdminToken, createAgentToken } from '@netsonde/server';
import { closeAll } from '../support/close-all.ts';
import { type AgentProcess, type AgentProcessOptions, startAgentProcess } from './agent-process.ts';
import { type ApiCall, apiOf } from './api-client.ts';
import type { LedgerQuestion } from './even-ledger.ts';
import { type Ground, pause, until } from './ground.ts';
import { freePort, startServerProcess } from './server-process.ts';
import type { WatchedProcess } from './watched-process.ts';

/** A real server and a real agent, each in its own process, which the suite kills and starts as it likes. */
export interface RealGround {
  readonly agentFolder: string;
  readonly api: ApiCall;
  server: WatchedProcess;
  agent: AgentProcess;
  startServer(): Promise<void>;
  startAgent(): Promise<void>;
  /** Makes a tcp test of three targets that runs until it is stopped, and waits for its first results. */
  test(intervalMs: number): Promise<Omit<LedgerQuestion, 'toMs'>>;
  /** How many results are stored. */
  stored(test: number): Promise<number>;
  close(): Promise<void>;
}

export interface RealGroundOptions {
  /** Where the server keeps its data; by default a folder of the ground. */
  readonly serverFolder?: string;
  readonly serverEnv?: Readonly<Record<string, string>>;
  readonly agent?: AgentProcessOptions;
}

const TARGETS = 3;
/** From so long after a test was made on, every instant of it is due on any machine, ms. */
const SETTLED_MS = 3000;

export async function layRealGround(ground: Ground, options: RealGroundOptions = {}): Promise<RealGround> {
  const dataFolder = options.serverFolder ?? join(ground.folder, 'server');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const flags = { server: url, name: 'a', data: join(ground.folder, 'agent') };
  const server = await startServerProcess({ dataFolder, port, env: options.serverEnv ?? {} });
  const [admin, token] = await Promise.all([
    createAdminToken(dataFolder, 'suite'),
    createAgentToken(dataFolder, 'suite'),
  ]).catch(async (error: unknown) => {
    await server.kill();
    throw error;
  });
  const api = apiOf(url, admin);
  const agent = startAgentProcess({ ...flags, token }, options.agent);
  const stored = async (test: number) => (await api<unknown[]>(`/tests/${test}/export.json`)).length;
  const real: RealGround = {
    agentFolder: flags.data,
    api,
    server,
    agent,
    stored,
    async startServer() {
      real.server = await startServerProcess({ dataFolder, port, env: options.serverEnv ?? {} });
    },
    async startAgent() {
      real.agent = startAgentProcess(flags, options.agent);
      await real.agent.says('open');
    },
    async test(intervalMs) {
      await real.agent.says('connected to');
      const [{ address = '' } = {}] = ground.check(1, 1000, 1, 0).targets;
      const targets = Array.from({ length: TARGETS }, (_, i) => ({
        address: address.replace('127.0.0.1', `127.0.0.${i + 1}`),
      }));
      const agents = { by: 'any', count: 1 };
      const body = {
        name: 'delivery',
        targets,
        checks: [{ probe: 'tcp' }],
        agents,
        interval: intervalMs / 1000,
        duration: null,
      };
      const { id: test } = await api<{ id: number }>('/tests', body);
      const fromMs = Date.now() + SETTLED_MS;
      while ((await stored(test)) < 10) await pause(100);
      await until('the test has settled', () => Date.now() > fromMs);
      return { test, intervalMs, series: TARGETS, fromMs };
    },
    async close() {
      await closeAll([real.agent.kill, real.server.kill]);
    },
  };
  return real;
}

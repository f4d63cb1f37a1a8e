import { join } from 'node:path';
import { createAdminToken, createAgentToken } from '@netsonde/server';
import { test as base, type TestContext } from 'vitest';
import { type AgentProcess, type AgentProcessOptions, startAgentProcess } from './agent-process.ts';
import { type ApiCall, apiOf } from './api-client.ts';
import type { LedgerQuestion } from './even-ledger.ts';
import { type Ground, layGround, pause, until } from './ground.ts';
import { freePort, startServerProcess } from './server-process.ts';
import type { WatchedProcess } from './watched-process.ts';

/** The fixture of a test: its own workspace, with the server and the agent that it starts there. */
export interface RealGrounds {
  readonly ground: Ground;
  /** Starts both, with the data folders of the workspace. */
  lay(options?: RealGroundOptions): Promise<RealGround>;
}

/** A real server and a real agent, each in its own process, which the test kills and starts. */
export interface RealGround {
  readonly agentFolder: string;
  readonly api: ApiCall;
  server: WatchedProcess;
  agent: AgentProcess;
  startServer(): Promise<void>;
  startAgent(): Promise<void>;
  /** Makes a tcp test of three targets that runs until it is stopped, and waits for its first results. */
  test(intervalMs: number): Promise<Omit<LedgerQuestion, 'toMs'>>;
  /** Number of stored results. */
  stored(test: number): Promise<number>;
}

export interface RealGroundOptions {
  /** The server's data folder; by default a folder of the workspace. */
  readonly serverFolder?: string;
  readonly serverEnv?: Readonly<Record<string, string>>;
  readonly agent?: AgentProcessOptions;
}

/**
 * Provides each test with `here`. When the test ends, in whatever way, it kills each process that was started in the
 * workspace, the last one first, then removes the workspace. It starts nothing for a test that is over.
 */
export const test = base.extend('here', async ({ onTestFinished, signal }): Promise<RealGrounds> => {
  const ground = await layGround();
  onTestFinished(ground.close);
  return { ground, lay: (options) => layRealGround(ground, { onTestFinished, signal }, options) };
});

const TARGETS = 3;
/** From this long after a test was made, every instant of it is due on any machine, ms. */
const SETTLED_MS = 3000;

async function layRealGround(
  ground: Ground,
  { onTestFinished, signal }: Pick<TestContext, 'onTestFinished' | 'signal'>,
  {
    serverFolder: dataFolder = join(ground.folder, 'server'),
    serverEnv: env = {},
    agent: agentOptions,
  }: RealGroundOptions = {},
): Promise<RealGround> {
  let port = await freePort();
  const agentFolder = join(ground.folder, 'agent');
  const runServer = async () => {
    signal.throwIfAborted();
    const server = startServerProcess({ dataFolder, port, env });
    onTestFinished(server.kill);
    await server.says('Netsonde runs at');
    return server;
  };
  const runAgent = (token?: string) => {
    signal.throwIfAborted();
    const agent = startAgentProcess(
      { server: `http://127.0.0.1:${port}`, name: 'a', data: agentFolder, token },
      agentOptions,
    );
    onTestFinished(agent.kill);
    return agent;
  };
  // Another suite may take the port between the trial and the start.
  const server = await runServer().catch(async (error: unknown) => {
    if (!String(error).includes('another program listens')) throw error;
    port = await freePort();
    return runServer();
  });
  const [admin, token] = await Promise.all([
    createAdminToken(dataFolder, 'suite'),
    createAgentToken(dataFolder, 'suite'),
  ]);
  const api = apiOf(`http://127.0.0.1:${port}`, admin);
  const stored = async (test: number) => (await api<unknown[]>(`/tests/${test}/export.json`)).length;
  const real: RealGround = {
    agentFolder,
    api,
    server,
    agent: runAgent(token),
    stored,
    async startServer() {
      real.server = await runServer();
    },
    async startAgent() {
      real.agent = runAgent();
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
  };
  return real;
}

import { join } from 'node:path';
import type { AgentFlags } from '@netsonde/agent';
import { test as base } from 'vitest';
import { type AgentProcess, type AgentProcessOptions, startAgentProcess } from './agent-process.ts';
import { type Ground, layGround, until } from './ground.ts';
import { type LocalAgent, startLocalAgent } from './local-agent.ts';
import { freePort } from './server-process.ts';
import { type SessionServer, startSessionServer } from './session-server.ts';

/** The fixture of a test: its own workspace, a server, and the agents that the test starts. */
export interface Meeting {
  readonly ground: Ground;
  /** A test that ends this server and starts another stores the new one here. */
  server: SessionServer;
  /**
   * Starts an agent named `a` that dials the server, with its data in the folder `a`; flags can override this. It runs
   * in the test process: tests that inspect sessions run one after another, as they share its event loop.
   */
  start(flags?: AgentFlags): Promise<LocalAgent>;
  /** The same in its own process; resolves once it is open. */
  startProcess(flags?: AgentFlags, options?: AgentProcessOptions): Promise<AgentProcess>;
  /** Waits until one agent is online. */
  online(): Promise<void>;
}

/**
 * Provides each test with `here`. When the test ends, in whatever way, it closes or kills the agents, the last one
 * first, then closes the server, then removes the workspace. It starts no agent for a test that is over.
 */
export const test = base.extend('here', async ({ onTestFinished, signal }): Promise<Meeting> => {
  const ground = await layGround();
  onTestFinished(ground.close);
  const asOurs = (flags: AgentFlags = {}): AgentFlags => {
    signal.throwIfAborted();
    return { server: here.server.url, name: 'a', data: join(ground.folder, 'a'), ...flags };
  };
  const here: Meeting = {
    ground,
    server: await startSessionServer(ground.folder, ground.kept, { port: await freePort() }),
    async start(flags) {
      const local = await startLocalAgent(asOurs(flags));
      onTestFinished(() => local.agent.close());
      return local;
    },
    async startProcess(flags, options) {
      const agent = startAgentProcess(asOurs(flags), options);
      onTestFinished(agent.kill);
      await agent.says('open');
      return agent;
    },
    online: () => until('the agent is online', () => here.server.fleet.online().size === 1),
  };
  onTestFinished(() => here.server.close());
  return here;
});

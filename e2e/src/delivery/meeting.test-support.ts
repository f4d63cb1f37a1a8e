import { join } from 'node:path';
import type { AgentFlags } from '@netsonde/agent';
import { afterEach, beforeEach } from 'vitest';
import { closeAll } from '../support/close-all.ts';
import { type AgentProcess, type AgentProcessOptions, startAgentProcess } from './agent-process.ts';
import { type Ground, layGround, until } from './ground.ts';
import { type LocalAgent, startLocalAgent } from './local-agent.ts';
import { type SessionServer, startSessionServer } from './session-server.ts';

/** A server on a ground of its own for each test of a file, and the agents that a test starts. */
export interface Meeting {
  readonly ground: Ground;
  /** A test that ends this server and starts another puts it here. */
  server: SessionServer;
  /** What a test opened beside them: closed after it, before the server is. */
  readonly closing: (() => unknown)[];
  /** Starts an agent named `a` that dials the server, with its data in the folder `a`; flags may say otherwise. */
  start(flags: AgentFlags): Promise<LocalAgent>;
  /** The same in a process of its own, which is killed when the test ends; resolves once it is open. */
  startProcess(flags: AgentFlags, options?: AgentProcessOptions): Promise<AgentProcess>;
  /** Waits until one agent is online. */
  online(): Promise<void>;
}

/** Call it once, at the top of a file. */
export function meetForEachTest(): Meeting {
  let laid: { readonly ground: Ground; server: SessionServer } | null = null;
  const closing: (() => unknown)[] = [];
  const now = () => {
    if (laid === null) throw new Error('the ground is laid when a test begins: use it within one');
    return laid;
  };
  const asOurs = (flags: AgentFlags): AgentFlags => {
    const { ground, server } = now();
    return { server: server.url, name: 'a', data: join(ground.folder, 'a'), ...flags };
  };
  beforeEach(async () => {
    const ground = await layGround();
    laid = { ground, server: await startSessionServer(ground.folder, ground.kept) };
  });
  afterEach(async () => {
    const { ground, server } = now();
    laid = null;
    await closeAll([...closing.splice(0), server.close, ground.close]);
  });
  return {
    closing,
    get ground() {
      return now().ground;
    },
    get server() {
      return now().server;
    },
    set server(server) {
      now().server = server;
    },
    async start(flags) {
      const local = await startLocalAgent(asOurs(flags));
      closing.push(() => local.agent.close());
      return local;
    },
    async startProcess(flags, options) {
      const agent = startAgentProcess(asOurs(flags), options);
      closing.push(agent.kill);
      await agent.says('open');
      return agent;
    },
    online: () => until('the agent is online', () => now().server.fleet.online().size === 1),
  };
}

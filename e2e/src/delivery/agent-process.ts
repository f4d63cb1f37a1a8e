import type { AgentFlags } from '@netsonde/agent';
import { type WatchedProcess, watchProcess } from './watched-process.ts';

const CODE = `
import { AgentOptionError, agentOptionsFrom, openAgent } from '@netsonde/agent';
const { flags, parts } = JSON.parse(process.env.AGENT_TEST);
try {
  const agent = await openAgent(agentOptionsFrom(process.env, flags), parts);
  process.stdout.write('open\\n');
  process.on('SIGTERM', async () => { await agent.close(); process.exit(0); });
  const reason = await agent.ended;
  if (reason !== null) { process.stdout.write('ended: ' + reason + '\\n'); process.exit(1); }
} catch (error) {
  process.stdout.write('failed: ' + error.message + '\\n');
  process.exit(2);
}`;

export interface AgentProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly parts?: object;
  /** Command line in front of node: ["strace", ...]. */
  readonly wrapper?: readonly string[];
}

/** A real agent in its own process. */
export type AgentProcess = WatchedProcess;

/** Tests that cut the connection many times do not wait half a minute for the next attempt, ms. */
const LONGEST_WAIT_MS = 1500;

export function startAgentProcess(
  flags: AgentFlags,
  { env = {}, parts = {}, wrapper = [] }: AgentProcessOptions = {},
): AgentProcess {
  const test = JSON.stringify({ flags, parts: { longestWaitMs: LONGEST_WAIT_MS, ...parts } });
  const command = [...wrapper, process.execPath, '--input-type=module', '-e', CODE];
  return watchProcess('the agent', command, { ...env, AGENT_TEST: test });
}

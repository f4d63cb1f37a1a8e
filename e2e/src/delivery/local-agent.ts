import { type AgentFlags, agentOptionsFrom, openAgent, type RunningAgent } from '@netsonde/agent';
import { until } from './ground.ts';

/** An agent in the test process, with its log. */
export interface LocalAgent {
  readonly agent: RunningAgent;
  readonly lines: readonly string[];
  /** Waits until it logs this. */
  said(text: RegExp): Promise<void>;
}

/** Tests that cut the connection many times do not wait half a minute for the next attempt, ms. */
const LONGEST_WAIT_MS = 1000;

export async function startLocalAgent(flags: AgentFlags): Promise<LocalAgent> {
  const lines: string[] = [];
  const keep = (message: string) => lines.push(message);
  const log = { error: keep, warn: keep, info: keep, debug: () => {} };
  const agent = await openAgent(agentOptionsFrom({}, flags), { log, longestWaitMs: LONGEST_WAIT_MS });
  return {
    agent,
    lines,
    said: (text) =>
      until(`the agent says ${text}; it said ${lines.join(' | ')}`, () => lines.some((line) => text.test(line))),
  };
}

import { UsageError } from './terminal.ts';

/** Turns errors in an agent's flags or environment into usage errors of the command. @throws UsageError */
export async function withAgentUsage<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  const { AgentOptionError } = await import('@netsonde/agent');
  try {
    return await work();
  } catch (error) {
    if (error instanceof AgentOptionError) throw new UsageError(error.message);
    throw error;
  }
}

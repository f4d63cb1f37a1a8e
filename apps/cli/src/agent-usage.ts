import { UsageError } from './terminal.ts';

/** What is wrong with an agent's flags or environment is a wrong argument of the command. @throws UsageError for it */
export async function withAgentUsage<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  const { AgentOptionError } = await import('@netsonde/agent');
  try {
    return await work();
  } catch (error) {
    if (error instanceof AgentOptionError) throw new UsageError(error.message);
    throw error;
  }
}

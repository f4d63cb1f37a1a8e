import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AgentFlags } from '@netsonde/agent';

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
  /** Put in front of node: ["strace", ...]. */
  readonly wrapper?: readonly string[];
}

/** A real agent in a process of its own. */
export interface AgentProcess {
  readonly child: ChildProcess;
  /** Everything that it wrote. */
  output(): string;
  /** Resolves when the output holds the text. */
  says(text: string | RegExp, timeoutMs?: number): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

export function startAgentProcess(
  flags: AgentFlags,
  { env = {}, parts = {}, wrapper = [] }: AgentProcessOptions = {},
): AgentProcess {
  const [command = '', ...rest] = [...wrapper, process.execPath, '--input-type=module', '-e', CODE];
  const child = spawn(command, rest, {
    cwd: REPOSITORY,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env, AGENT_TEST: JSON.stringify({ flags, parts }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  const gone = once(child, 'exit');
  return {
    child,
    output: () => output,
    async says(text, timeoutMs = 15_000) {
      const end = Date.now() + timeoutMs;
      const found = () => (typeof text === 'string' ? output.includes(text) : text.test(output));
      while (!found()) {
        if (Date.now() > end || child.exitCode !== null)
          throw new Error(`the agent never said ${text}; it said:\n${output.slice(-3000)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

import { catalog } from '@netsonde/probes/catalog';
import { CommanderError } from 'commander';
import { failureText } from './own-failure.ts';
import { processTerminal } from './process-terminal.ts';
import { createProgram, type ProgramParts } from './program.ts';
import { EXIT, UsageError } from './terminal.ts';

/** The `netsonde` command: reads arguments and environment, runs one command and returns the exit code. */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  // What files are made without a mode of their own are this user's alone.
  process.umask(0o077);
  const { terminal, outputFault, end } = processTerminal(env);
  const loadRunners = async () => (await import('@netsonde/probes/runtime')).runners;
  let code = await runWith(args, { catalog, loadRunners, env, terminal });
  const fault = await outputFault();
  // A command that was asked to end may outlive its terminal.
  if (fault !== null && !terminal.signal.aborted && code !== EXIT.usage) {
    // A reader that has read enough, like `head`, wants to hear of nothing.
    if (!('code' in fault && fault.code === 'EPIPE')) terminal.err(`${failureText(fault, env)}\n`);
    code = EXIT.unknown;
  }
  await end(code);
  return code;
}

/** Runs one command with these parts. It never rejects: errors are printed on stderr and set the exit code. */
export async function runWith(args: readonly string[], parts: Omit<ProgramParts, 'exit'>): Promise<number> {
  let code: number = EXIT.up;
  const exit = (wanted: number) => {
    code = wanted;
  };
  try {
    await createProgram({ ...parts, exit }).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return codeOf(error, parts);
  }
}

function codeOf(error: unknown, { terminal, env }: Pick<ProgramParts, 'terminal' | 'env'>): number {
  // Commander has printed its own message. Help and version exit with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof UsageError) {
    terminal.err(`${error.message}\n`);
    return EXIT.usage;
  }
  terminal.err(`${failureText(error, env)}\n`);
  return EXIT.unknown;
}

import { catalog } from '@netsonde/probes/catalog';
import { CommanderError } from 'commander';
import { processTerminal } from './process-terminal.ts';
import { createProgram, type ProgramParts } from './program.ts';
import { EXIT, type Terminal, UsageError } from './terminal.ts';

/** The `netsonde` command: reads arguments and environment, runs one command, answers the exit code. */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const { terminal, release } = processTerminal();
  try {
    const loadRunners = async () => (await import('@netsonde/probes/runtime')).runners;
    return await runWith(args, { catalog, loadRunners, env, terminal });
  } finally {
    release();
  }
}

/** Runs one command with these parts; never rejects: what went wrong is said on stderr and in the exit code. */
export async function runWith(args: readonly string[], parts: Omit<ProgramParts, 'exit'>): Promise<number> {
  let code: number = EXIT.up;
  const exit = (wanted: number) => {
    code = wanted;
  };
  try {
    await createProgram({ ...parts, exit }).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return codeOf(error, parts.terminal);
  }
}

function codeOf(error: unknown, terminal: Terminal): number {
  // Commander has printed its own message; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  terminal.err(`${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UsageError ? EXIT.usage : EXIT.notUp;
}

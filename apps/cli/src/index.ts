import { catalog } from '@netsonde/probes/catalog';
import { CommanderError } from 'commander';
import { processTerminal } from './process-terminal.ts';
import { createProgram } from './program.ts';
import { EXIT, type Terminal, UsageError } from './terminal.ts';

/** The `netsonde` command: reads arguments and environment, runs one command, answers the exit code. */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const { terminal, release } = processTerminal();
  try {
    return await runProgram(args, env, terminal);
  } finally {
    release();
  }
}

async function runProgram(args: readonly string[], env: NodeJS.ProcessEnv, terminal: Terminal): Promise<number> {
  let code: number = EXIT.up;
  const program = createProgram({
    catalog,
    loadRunners: async () => (await import('@netsonde/probes/runtime')).runners,
    env,
    terminal,
    exit: (wanted) => {
      code = wanted;
    },
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    return codeOf(error, terminal);
  }
}

function codeOf(error: unknown, terminal: Terminal): number {
  // Commander has printed its own message; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  terminal.err(`${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof UsageError ? EXIT.usage : EXIT.notUp;
}

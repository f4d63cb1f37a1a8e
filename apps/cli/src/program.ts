import { createRequire } from 'node:module';
import type { Catalog } from '@netsonde/probes/catalog';
import type { Runners } from '@netsonde/probes/runtime';
import { Command } from 'commander';
import { agentCommand } from './commands/agent.ts';
import { backupCommand, restoreCommand } from './commands/backup.ts';
import { doctorCommand } from './commands/doctor.ts';
import { echoCommand } from './commands/echo.ts';
import { probeCommand } from './commands/probe.ts';
import { serverCommand } from './commands/server.ts';
import { tokenCommand } from './commands/token.ts';
import { upCommand } from './commands/up.ts';
import type { Terminal } from './terminal.ts';

const { version: VERSION } = createRequire(import.meta.url)('../package.json') as { version: string };

const EXAMPLES = `
Examples:
  netsonde up                                   server, agent and dashboard on this host
  netsonde probe icmp 192.0.2.1 --count 20      one measurement, no server
  netsonde doctor                               what this host can measure
  netsonde token create --agent --name berlin   let another host in`;

/**
 * What commands may need. The catalog is a parameter, so that help and commands work for any catalog. Only the
 * commands that run agent or server load them, so that neither uses the other's memory.
 */
export interface ProgramParts {
  readonly catalog: Catalog;
  /** Loads the code that uses kernel sockets, only for the commands that measure. */
  loadRunners(): Promise<Runners>;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  /** Reports the exit code of a command that ran. */
  exit(code: number): void;
}

/** The whole command line. */
export function createProgram(parts: ProgramParts): Command {
  const { terminal } = parts;
  const program = new Command('netsonde')
    .description('measures networks from many hosts, keeps every result, and tells the truth about them')
    .version(VERSION)
    .addHelpText('after', EXAMPLES)
    .addCommand(upCommand(parts))
    .addCommand(serverCommand(parts))
    .addCommand(agentCommand(parts))
    .addCommand(probeCommand(parts))
    .addCommand(doctorCommand(parts))
    .addCommand(tokenCommand(parts))
    .addCommand(backupCommand(parts))
    .addCommand(restoreCommand(parts))
    .addCommand(echoCommand(terminal));
  everyCommand(program, (command) =>
    command
      .showHelpAfterError('(add --help for what can be written)')
      .exitOverride()
      .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) }),
  );
  return program;
}

function everyCommand(command: Command, change: (command: Command) => void): void {
  change(command);
  for (const sub of command.commands) everyCommand(sub, change);
}

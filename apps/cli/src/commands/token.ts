import { existsSync } from 'node:fs';
import type { Settings } from '@netsonde/server';
import { Command } from 'commander';
import { type Terminal, UsageError } from '../terminal.ts';
import { settingsFrom } from './server.ts';

interface TokenParts {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}

interface TokenFlags {
  readonly admin?: boolean;
  readonly agent?: boolean;
  readonly name: string;
  readonly data?: string;
  readonly new?: boolean;
}

/** `netsonde token create`: works beside a running server; the token alone goes to stdout. */
export function tokenCommand({ env, terminal }: TokenParts): Command {
  const create = new Command('create')
    .description('make a token; it is shown this once')
    .option('--admin', 'for the API, with all rights')
    .option('--agent', 'for one new agent; valid for a day')
    .option('--name <name>', 'what it is for', 'command line')
    .option('--data <folder>', 'data folder of the server (NETSONDE_DATA; default: netsonde-data in this folder)')
    .option('--new', 'make the data folder if there is none: before the first start of the server that will use it')
    .action(async ({ admin, agent, name, data, new: mayMake }: TokenFlags) => {
      if ((admin === true) === (agent === true)) throw new UsageError('write either --admin or --agent');
      if (name.trim() === '' || name.length > 100) throw new UsageError('--name: write 1 to 100 characters');
      if (data === '') throw new UsageError('--data is empty: write the data folder of the server');
      const settings = await settingsFrom(data === undefined ? env : { ...env, NETSONDE_DATA: data });
      if (mayMake !== true) requireServer(settings);
      const { createAdminToken, createAgentToken } = await import('@netsonde/server');
      const make = admin === true ? createAdminToken : createAgentToken;
      terminal.out(`${await make(settings.dataFolder, name.trim(), settings.databaseFile)}\n`);
    });
  return new Command('token').description('make tokens for the API and for agents').addCommand(create);
}

/** A token that no server knows would help nobody. @throws UsageError where no server has been. */
function requireServer({ dataFolder, databaseFile }: Settings): void {
  if (existsSync(databaseFile)) return;
  throw new UsageError(
    `no server has its database in ${dataFolder} (there is no ${databaseFile}): give the server's data folder with --data or NETSONDE_DATA, and DATABASE_URL if the server has it set; before the first start of a server write --new`,
  );
}

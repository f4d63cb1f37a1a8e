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
}

/** `netsonde token create`: works beside a running server; the token alone goes to stdout. */
export function tokenCommand({ env, terminal }: TokenParts): Command {
  const create = new Command('create')
    .description('make a token; it is shown this once')
    .option('--admin', 'for the API, with all rights')
    .option('--agent', 'for one new agent; valid for a day')
    .option('--name <name>', 'what it is for', 'command line')
    .action(async ({ admin, agent, name }: TokenFlags) => {
      if ((admin === true) === (agent === true)) throw new UsageError('write either --admin or --agent');
      if (name.trim() === '' || name.length > 100) throw new UsageError('--name: write 1 to 100 characters');
      const { dataFolder, databaseFile } = await settingsFrom(env);
      const { createAdminToken, createAgentToken } = await import('@netsonde/server');
      const make = admin === true ? createAdminToken : createAgentToken;
      terminal.out(`${await make(dataFolder, name.trim(), databaseFile)}\n`);
    });
  return new Command('token').description('make tokens for the API and for agents').addCommand(create);
}

import { statSync } from 'node:fs';
import { MAX_NAME_LENGTH, nameFault } from '@netsonde/protocol';
import type { Settings } from '@netsonde/server';
import { Command } from 'commander';
import { type Terminal, UsageError } from '../terminal.ts';
import { asUsage, settingsFrom } from './server.ts';

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
      const fault = nameFault(name);
      if (fault !== null) throw new UsageError(`--name: write 1 to ${MAX_NAME_LENGTH} characters: this name ${fault}`);
      if (data === '') throw new UsageError('--data is empty: write the data folder of the server');
      const settings = await settingsFrom(data === undefined ? env : { ...env, NETSONDE_DATA: data });
      if (mayMake !== true) requireServer(settings);
      const { createAdminToken, createAgentToken } = await import('@netsonde/server');
      const make = admin === true ? createAdminToken : createAgentToken;
      const { dataFolder, databaseFile } = settings;
      const token = await asUsage(() => make(dataFolder, name.trim(), databaseFile)).catch((error: unknown) => {
        throw data === undefined ? error : inWordsOfData(error);
      });
      terminal.out(`${token}\n`);
    });
  return new Command('token').description('make tokens for the API and for agents').addCommand(create);
}

/** Whoever gave the folder as an option is told of the option. */
function inWordsOfData(error: unknown): unknown {
  return error instanceof UsageError ? new UsageError(error.message.replace(/^NETSONDE_DATA is/, '--data is')) : error;
}

/** A token that no server knows would help nobody. @throws UsageError where no server has been. */
function requireServer({ dataFolder, databaseFile }: Settings): void {
  if (!isMissing(dataFolder) && !isMissing(databaseFile)) return;
  throw new UsageError(
    `no server has its database in ${dataFolder} (there is no ${databaseFile}): give the server's data folder with --data or NETSONDE_DATA, and DATABASE_URL if the server has it set; before the first start of a server write --new`,
  );
}

/** Only what is certainly not there: of what may not be looked at, the start has words of its own. */
function isMissing(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

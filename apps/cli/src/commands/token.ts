import { statSync } from 'node:fs';
import { labelFault, MAX_NAME_LENGTH, nameFault } from '@netsonde/protocol';
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
  readonly label?: readonly string[];
  readonly ownLabelsSelect?: boolean;
}

/** `netsonde token create`: works beside a running server. Only the token is written to stdout. */
export function tokenCommand({ env, terminal }: TokenParts): Command {
  const create = new Command('create')
    .description('make a token; it is shown this once')
    .option('--admin', 'for the API, with all rights')
    .option('--agent', 'for one new agent; valid for a day')
    .option('--label <key=value>', 'with --agent: a label that the agent gets; may be given several times', collect)
    .option('--own-labels-select', 'with --agent: tests also find the agent by labels that it declares itself')
    .option('--name <name>', 'what it is for', 'command line')
    .option('--data <folder>', 'data folder of the server (NETSONDE_DATA; default: netsonde-data in this folder)')
    .option('--new', 'make the data folder if there is none: before the first start of the server that will use it')
    .action(async ({ admin, agent, name, data, new: mayMake, label, ownLabelsSelect = false }: TokenFlags) => {
      if ((admin === true) === (agent === true)) throw new UsageError('write either --admin or --agent');
      if (admin === true && (label !== undefined || ownLabelsSelect))
        throw new UsageError('--label and --own-labels-select go with --agent only');
      const labels = readLabels(label ?? []);
      const fault = nameFault(name);
      if (fault !== null) throw new UsageError(`--name: write 1 to ${MAX_NAME_LENGTH} characters: this name ${fault}`);
      if (data === '') throw new UsageError('--data is empty: write the data folder of the server');
      const settings = await settingsFrom(data === undefined ? env : { ...env, NETSONDE_DATA: data });
      if (mayMake !== true) requireServer(settings);
      const { createAdminToken, createAgentToken } = await import('@netsonde/server');
      const { dataFolder, databaseFile } = settings;
      const make = () =>
        admin === true
          ? createAdminToken(dataFolder, name.trim(), databaseFile)
          : createAgentToken(dataFolder, name.trim(), databaseFile, { labels, ownLabelsSelect });
      const token = await asUsage(make).catch((error: unknown) => {
        throw data === undefined ? error : inWordsOfData(error);
      });
      terminal.out(`${token}\n`);
    });
  return new Command('token').description('make tokens for the API and for agents').addCommand(create);
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

/** @throws UsageError that names the label. */
function readLabels(texts: readonly string[]): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 0) throw new UsageError(`--label: write key=value, not ${JSON.stringify(text)}`);
    const [key, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
    const fault = labelFault(key, value);
    if (fault !== null) throw new UsageError(`--label ${JSON.stringify(text)}: ${fault}`);
    labels[key] = value;
  }
  return labels;
}

/** Names the option in the message where the user set the folder by the option. */
function inWordsOfData(error: unknown): unknown {
  return error instanceof UsageError ? new UsageError(error.message.replace(/^NETSONDE_DATA is/, '--data is')) : error;
}

/** A token that no server knows is of no use. @throws UsageError where no server has run. */
function requireServer({ dataFolder, databaseFile }: Settings): void {
  if (!isMissing(dataFolder) && !isMissing(databaseFile)) return;
  throw new UsageError(
    `no server has its database in ${dataFolder} (there is no ${databaseFile}): give the server's data folder with --data or NETSONDE_DATA, and DATABASE_URL if the server has it set; before the first start of a server write --new`,
  );
}

/**
 * True only where the file certainly does not exist. For a file that cannot be read, the server's start has its own
 * message.
 */
function isMissing(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

import type { Catalog } from '@netsonde/probes/catalog';
import type { RunningServer, Settings } from '@netsonde/server';
import { Command, Option } from 'commander';
import { dashboardFolder } from '../dashboard-folder.ts';
import { failureText } from '../own-failure.ts';
import { askedToEnd, type Terminal, UsageError } from '../terminal.ts';

interface ServerParts {
  readonly catalog: Catalog;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}

/** `netsonde server`: the server alone. Agents run on other hosts, or are started by hand. */
export function serverCommand({ catalog, env, terminal }: ServerParts): Command {
  return new Command('server')
    .description('run the server; settings come from the environment')
    .addOption(acceptLossOption())
    .action(async ({ acceptLoss }: LossFlags) => {
      const server = await startServer(env, catalog, acceptLoss);
      terminal.out(announcement(server));
      reloadOnRequest(terminal, [server]);
      await askedToEnd(terminal);
      await server.close();
    });
}

/** Flags of commands that start a server. */
export interface LossFlags {
  readonly acceptLoss?: readonly string[];
}

export const acceptLossOption = (): Option =>
  new Option(
    '--accept-loss <file>',
    'start once without a lost file (results.db, intake.db, netsonde.db); may be given several times',
  ).argParser((file: string, before: readonly string[] = []) => [...before, file]);

/** Each request to read files again reaches these parts. What fails is printed, and the parts go on. */
export function reloadOnRequest(terminal: Terminal, parts: readonly { reload(): Promise<void> }[]): void {
  terminal.onReload(() => {
    for (const part of parts)
      part.reload().catch((error: unknown) => terminal.err(`${failureText(error, process.env, 'reload: ')}\n`));
  });
}

/** Starts a server with the environment's settings. @throws UsageError that names the invalid variables. */
export async function startServer(
  env: NodeJS.ProcessEnv,
  catalog: Catalog,
  acceptLoss: readonly string[] = [],
): Promise<RunningServer> {
  const { openServer } = await import('@netsonde/server');
  const webFolder = dashboardFolder();
  const settings = await settingsFrom(env);
  return asUsage(() => openServer(settings, { catalog, acceptLoss, ...(webFolder === null ? {} : { webFolder }) }));
}

/** The settings from the environment. @throws UsageError that names the invalid variables. */
export async function settingsFrom(env: NodeJS.ProcessEnv): Promise<Settings> {
  const { readSettings } = await import('@netsonde/server');
  return asUsage(() => readSettings(env));
}

/** Invalid settings are usage errors, also where only the start finds them. @throws UsageError */
export async function asUsage<Value>(work: () => Value | Promise<Value>): Promise<Value> {
  const { SettingsError } = await import('@netsonde/server');
  try {
    return await work();
  } catch (error) {
    if (error instanceof SettingsError) throw new UsageError(error.message);
    throw error;
  }
}

/** What the user needs to know first. */
export function announcement({ url, setupLink }: RunningServer): string {
  if (setupLink === null) return `\nNetsonde runs at ${url}\n\n`;
  return `\nNetsonde runs at ${url}\nMake the first account here (this link works once):\n\n  ${setupLink}\n\n`;
}

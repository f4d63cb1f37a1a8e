import { once } from 'node:events';
import type { Catalog } from '@netsonde/probes/catalog';
import type { RunningServer, Settings } from '@netsonde/server';
import { Command } from 'commander';
import { dashboardFolder } from '../dashboard-folder.ts';
import { type Terminal, UsageError } from '../terminal.ts';

interface ServerParts {
  readonly catalog: Catalog;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}

/** `netsonde server`: the server alone; agents on other hosts, or started by hand. */
export function serverCommand({ catalog, env, terminal }: ServerParts): Command {
  return new Command('server').description('run the server; settings come from the environment').action(async () => {
    const server = await startServer(env, catalog);
    terminal.out(announcement(server));
    if (!terminal.signal.aborted) await once(terminal.signal, 'abort');
    await server.close();
  });
}

/** Starts a server as the environment says. @throws UsageError that names the variables that are wrong. */
export async function startServer(env: NodeJS.ProcessEnv, catalog: Catalog): Promise<RunningServer> {
  const { openServer } = await import('@netsonde/server');
  const webFolder = dashboardFolder();
  return openServer(await settingsFrom(env), { catalog, ...(webFolder === null ? {} : { webFolder }) });
}

/** The settings that the environment gives. @throws UsageError that names the variables that are wrong. */
export async function settingsFrom(env: NodeJS.ProcessEnv): Promise<Settings> {
  const { readSettings, SettingsError } = await import('@netsonde/server');
  try {
    return readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) throw new UsageError(error.message);
    throw error;
  }
}

/** What a person needs to know first. */
export function announcement({ url, setupLink }: RunningServer): string {
  if (setupLink === null) return `\nNetsonde runs at ${url}\n\n`;
  return `\nNetsonde runs at ${url}\nMake the first account here (this link works once):\n\n  ${setupLink}\n\n`;
}

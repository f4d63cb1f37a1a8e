import { Command } from 'commander';
import { type Terminal, UsageError } from '../terminal.ts';
import { asUsage, settingsFrom } from './server.ts';

interface Parts {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}

const DATA = 'data folder of the server (NETSONDE_DATA; default: netsonde-data in this folder)';

const settingsOf = (env: NodeJS.ProcessEnv, data: string | undefined) => {
  if (data === '') throw new UsageError('--data is empty: write the data folder of the server');
  return settingsFrom(data === undefined ? env : { ...env, NETSONDE_DATA: data });
};

/** `netsonde backup`: works beside a running server. */
export function backupCommand({ env, terminal }: Parts): Command {
  return new Command('backup')
    .description('back up a server, while it runs or not')
    .requiredOption('--to <folder>', 'a new folder; in one that exists, a folder named by the time is made')
    .option('--data <folder>', DATA)
    .action(async ({ to, data }: { readonly to: string; readonly data?: string }) => {
      const { dataFolder, databaseFile } = await settingsOf(env, data);
      const { backUp } = await import('@netsonde/server');
      const { folder, manifest } = await backUp({ dataFolder, databaseFile, to });
      const counts = Object.entries(manifest.counts).map(([kind, count]) => `${count} ${kind}`);
      const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
      terminal.out(
        `${folder}\n  of ${manifest.takenAt}, version ${manifest.version}, incarnation ${manifest.incarnation}\n` +
          `  ${counts.join(', ')}, their results and the server's key: ${(bytes / 1024 / 1024).toFixed(1)} MiB; keep it as secret as the data folder\n` +
          `  left out: ${manifest.leftOut.join('; ')}\n`,
      );
    });
}

/** `netsonde restore`: into an empty folder. */
export function restoreCommand({ env, terminal }: Parts): Command {
  return new Command('restore')
    .description('restore a backup of a server into an empty data folder')
    .requiredOption('--from <folder>', 'the backup')
    .option('--data <folder>', DATA)
    .action(async ({ from, data }: { readonly from: string; readonly data?: string }) => {
      const { dataFolder, databaseFile } = await settingsOf(env, data);
      const { restore } = await import('@netsonde/server');
      const { takenAt, version } = await asUsage(() => restore({ from, dataFolder, databaseFile }));
      terminal.out(
        `restored into ${dataFolder}: the state of ${takenAt}, made by version ${version}\n` +
          '  What was done after it is lost here. New tests get ids that were never given; records of tests that are lost are kept as unplanned.\n',
      );
    });
}

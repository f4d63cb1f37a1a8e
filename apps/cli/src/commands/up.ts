import type { Catalog } from '@netsonde/probes/catalog';
import { Command } from 'commander';
import { LOCAL, startOwnAgent } from '../own-agent/start-own-agent.ts';
import { askedToEnd, EXIT, type Terminal } from '../terminal.ts';
import { announcement, settingsFrom, startServer } from './server.ts';

interface UpParts {
  readonly catalog: Catalog;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  exit(code: number): void;
}

/** `netsonde up`: the server, an agent on this host in a process of its own, and a first test of this host itself. */
export function upCommand({ catalog, env, terminal, exit }: UpParts): Command {
  return new Command('up')
    .description('run the server, an agent on this host and a first test of it')
    .action(async () => {
      const settings = await settingsFrom(env);
      const server = await startServer(env, catalog);
      try {
        await server.ensureStarterTest({ by: 'labels', labels: LOCAL });
        const agent = await startOwnAgent(server, settings, { env, terminal });
        terminal.out(announcement(server));
        const stopped = await Promise.race([askedToEnd(terminal), agent.ended]);
        if (stopped !== null) {
          terminal.err(`${stopped}\n`);
          exit(EXIT.notUp);
        }
        await agent.stop();
      } finally {
        await server.close();
      }
    });
}

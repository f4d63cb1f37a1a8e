import type { Catalog } from '@netsonde/probes/catalog';
import { Command } from 'commander';
import { LOCAL, startOwnAgent } from '../own-agent/start-own-agent.ts';
import { askedToEnd, EXIT, type Terminal } from '../terminal.ts';
import {
  acceptLossOption,
  announcement,
  type LossFlags,
  reloadOnRequest,
  settingsFrom,
  startServer,
} from './server.ts';

interface UpParts {
  readonly catalog: Catalog;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  exit(code: number): void;
}

const REVOKED =
  'The agent of this host was revoked: the server goes on without it. The next start of "netsonde up" gives this host a new agent; to run without one, start "netsonde server" instead.\n';

/** `netsonde up`: the server, an agent on this host in its own process, and a first test of this host. */
export function upCommand({ catalog, env, terminal, exit }: UpParts): Command {
  return new Command('up')
    .description('run the server, an agent on this host and a first test of it')
    .addOption(acceptLossOption())
    .action(async ({ acceptLoss }: LossFlags) => {
      const settings = await settingsFrom(env);
      const server = await startServer(env, catalog, acceptLoss);
      try {
        await server.ensureStarterTest({ by: 'labels', labels: LOCAL });
        const agent = await startOwnAgent(server, settings, { env, terminal });
        terminal.out(announcement(server));
        reloadOnRequest(terminal, [server, agent]);
        const ended = await Promise.race([askedToEnd(terminal), agent.ended]);
        if (ended?.revoked === true) {
          terminal.err(REVOKED);
          await askedToEnd(terminal);
        } else if (ended !== null) {
          terminal.err(`${ended.what}\n`);
          exit(EXIT.unknown);
        }
        await agent.stop();
      } finally {
        await server.close();
      }
    });
}

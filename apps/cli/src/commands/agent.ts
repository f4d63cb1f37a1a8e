import type { AgentFlags } from '@netsonde/agent';
import type { Catalog } from '@netsonde/probes/catalog';
import type { Runners } from '@netsonde/probes/runtime';
import { Command } from 'commander';
import { withAgentUsage } from '../agent-usage.ts';
import { askedToEnd, EXIT, type Terminal } from '../terminal.ts';
import { reloadOnRequest } from './server.ts';

interface AgentParts {
  readonly catalog: Catalog;
  loadRunners(): Promise<Runners>;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  exit(code: number): void;
}

const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

/** `netsonde agent`: measures on this host what a server assigns, until it is stopped. */
export function agentCommand({ catalog, loadRunners, env, terminal, exit }: AgentParts): Command {
  return new Command('agent')
    .description('measure on this host what a server asks for')
    .option('--server <url>', 'the server, like http://netsonde.example:5000 (NETSONDE_SERVER)')
    .option(
      '--listen [host:port]',
      'listen and let the server dial, where only that way is open (NETSONDE_LISTEN; default: 127.0.0.1:5001)',
    )
    .option('--tls-cert <file>', 'certificate in PEM to listen with (NETSONDE_TLS_CERT)')
    .option('--tls-key <file>', 'its key in PEM (NETSONDE_TLS_KEY)')
    .option('--token <token>', 'enrolment token, at the first contact only (NETSONDE_TOKEN)')
    .option('--name <name>', 'how the agent is called (NETSONDE_NAME; default: the host name)')
    .option(
      '--data <folder>',
      'folder of identity, assignment and spool (NETSONDE_AGENT_DATA; default: ~/.netsonde/agent)',
    )
    .option('--label <key=value>', 'a label, may be given several times (NETSONDE_LABELS=key=value,key=value)', collect)
    .option('--ca <file>', 'certificate authorities in PEM that the server’s certificate may come from (NETSONDE_CA)')
    .option('--allow <cidr>', 'measure these addresses although they are refused by default (NETSONDE_ALLOW)', collect)
    .option('--deny <cidr>', 'never measure these addresses (NETSONDE_DENY)', collect)
    .option('--only <cidr>', 'measure nothing but these addresses (NETSONDE_ONLY)', collect)
    .option('--max-runs <number>', 'runs at once, at most (NETSONDE_MAX_RUNS)')
    .option('--rotate-key', 'take a new key of its own; identity and results stay')
    .option('--verbose', 'tell more in the log (NETSONDE_VERBOSE)')
    .action(async (flags: AgentFlags) => {
      const { agentOptionsFrom, openAgent } = await import('@netsonde/agent');
      const runners = await loadRunners();
      const agent = await withAgentUsage(() => openAgent(agentOptionsFrom(env, flags), { catalog, runners }));
      reloadOnRequest(terminal, [agent]);
      const reason = await Promise.race([agent.ended, askedToEnd(terminal)]);
      await agent.close();
      if (reason === null) return;
      terminal.err(`${reason}\n`);
      exit(EXIT.unknown);
    });
}

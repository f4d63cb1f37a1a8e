import type { RunningServer, Settings } from '@netsonde/server';
import type { Terminal } from '../terminal.ts';
import { agentFolder, chooseAgentFolder, untilFree } from './agent-folder.ts';
import { type AgentProcess, startAgentProcess } from './agent-process.ts';

/** The label by which the starter test finds the agent of the server's own host. */
export const LOCAL = Object.freeze({ host: 'local' });
/** An agent whose server was killed gives its folder free within 5 s; twice that is enough, ms. */
const FREE_WITHIN_MS = 10_000;

export interface OwnAgentParts {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}

/** Starts the server's own agent, enrolled where the server does not know it yet. @throws Error that says what to do. */
export async function startOwnAgent(
  { url }: RunningServer,
  { dataFolder, databaseFile }: Settings,
  { env, terminal }: OwnAgentParts,
): Promise<AgentProcess> {
  const { agentKeyIn, dataFolderHolder } = await import('@netsonde/agent');
  const { createAgentToken, knowsAgent } = await import('@netsonde/server');
  await untilFree(() => dataFolderHolder(agentFolder(dataFolder)), FREE_WITHIN_MS, terminal.signal);
  const { folder, isNew, setAside } = await chooseAgentFolder(dataFolder, {
    keyIn: agentKeyIn,
    holder: dataFolderHolder,
    isKnown: (publicKey) => knowsAgent(dataFolder, publicKey, databaseFile),
  });
  if (setAside !== null) terminal.err(setAsideNote(setAside));
  const token = isNew ? await createAgentToken(dataFolder, 'this host', databaseFile) : '';
  const labels = Object.entries(LOCAL).map(([key, value]) => `${key}=${value}`);
  return startAgentProcess({
    ...env,
    NETSONDE_SERVER: url,
    NETSONDE_LISTEN: '',
    NETSONDE_AGENT_DATA: folder,
    NETSONDE_LABELS: labels.join(','),
    NETSONDE_TOKEN: token,
  });
}

const setAsideNote = (folder: string): string =>
  `This database does not know the agent that this host had (DATABASE_URL names another database than before, or the agent was revoked): this host has another agent now. What the former one has not delivered stays in ${folder}, and goes to its own database as soon as DATABASE_URL names that one again.\n`;

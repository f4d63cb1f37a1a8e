import type { RunningServer, Settings } from '@netsonde/server';
import type { Terminal } from '../terminal.ts';
import { agentFolder, type ChosenFolder, chooseAgentFolder, untilFree } from './agent-folder.ts';
import { startAgentProcess } from './agent-process.ts';

/** The label that selects the agent of the server's own host for the starter test. */
export const LOCAL = Object.freeze({ host: 'local' });
/** An agent whose server was killed releases its folder within 5 s; twice that is enough, ms. */
const FREE_WITHIN_MS = 10_000;

export interface OwnAgentParts {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}

/** The server's own agent, running. */
export interface StartedAgent {
  /** Resolves with the reason when the agent ends without a request. */
  readonly ended: Promise<{ readonly what: string; readonly revoked: boolean }>;
  /** Makes it read its files again. */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the server's own agent, and enrols it where the server does not know it yet. @throws Error that says what to
 * do.
 */
export async function startOwnAgent(
  server: RunningServer,
  { dataFolder }: Settings,
  { env, terminal }: OwnAgentParts,
): Promise<StartedAgent> {
  const { agentKeyIn, dataFolderHolder } = await import('@netsonde/agent');
  const { ownAgent, url } = server;
  await untilFree(() => dataFolderHolder(agentFolder(dataFolder)), FREE_WITHIN_MS, terminal.signal);
  const { folder, token } = await settle(server, dataFolder, terminal);
  const labels = Object.entries(LOCAL).map(([key, value]) => `${key}=${value}`);
  const agent = startAgentProcess({
    ...env,
    NETSONDE_SERVER: url,
    NETSONDE_LISTEN: '',
    NETSONDE_AGENT_DATA: folder,
    NETSONDE_LABELS: labels.join(','),
    NETSONDE_TOKEN: token,
  });
  const isRevoked = async () => (await ownAgent.standing(agentKeyIn(folder) ?? '')) === 'revoked';
  return {
    ended: agent.ended.then(async (what) => ({ what, revoked: await isRevoked() })),
    reload: agent.reload,
    stop: agent.stop,
  };
}

/** Reconciles the agent's folder with the server, whatever either has lost. `token` is empty where none is needed. */
async function settle(
  { ownAgent }: RunningServer,
  dataFolder: string,
  terminal: Terminal,
): Promise<{ readonly folder: string; readonly token: string }> {
  const { acceptServerKeys, agentKeyIn, dataFolderHolder, serverKeysIn } = await import('@netsonde/agent');
  const { folder, setAside } = await chooseAgentFolder(dataFolder, {
    keyIn: agentKeyIn,
    wasEnrolled: (one) => serverKeysIn(one) !== null,
    holder: dataFolderHolder,
    standing: ownAgent.standing,
  });
  if (setAside !== null) terminal.err(setAsideNote(setAside));
  const former = await ownAgent.is(agentKeyIn(folder));
  if (former !== null) terminal.err(formerNote(former, folder));
  const keys = serverKeysIn(folder);
  if (keys === null) return { folder, token: await ownAgent.token(LOCAL) };
  const present = ownAgent.fingerprints();
  if (!keys.some((key) => present.includes(key))) terminal.err(newKeyNote(dataFolder));
  acceptServerKeys(folder, present);
  return { folder, token: '' };
}

function setAsideNote({ folder, why }: NonNullable<ChosenFolder['setAside']>): string {
  switch (why) {
    case 'revoked':
      return `The agent that this host had was revoked: this host has another agent now. What the former one has not delivered stays in ${folder}, which may be deleted.\n`;
    case 'key_lost':
      return `The key of the agent that this host had is gone (agent-key.pem): this host has another agent now. What the former one has not delivered stays in ${folder}. To go on as that agent, stop this server, put the key back there, and move the folder back.\n`;
    case 'other_database':
      return `This database does not know the agent that this host had (DATABASE_URL names another database than before): this host has another agent now. What the former one has not delivered stays in ${folder}, and goes to its own database as soon as DATABASE_URL names that one again.\n`;
  }
}

const formerNote = (name: string, folder: string): string =>
  `The agent ${JSON.stringify(name)} that this host had is gone from ${folder}: it is revoked, its results stay, and this host has another agent now. Tests that name the former one have to name the new one.\n`;

const newKeyNote = (dataFolder: string): string =>
  `The key by which this host's agent knew the server is gone from ${dataFolder}: the agent accepts the present one from now on, and keeps its results.\n`;

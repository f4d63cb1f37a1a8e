import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Standing } from '@netsonde/server';

/** What the owner decided for this host: it holds for whichever agent runs there. */
const OWNERS_FILES = ['policy.json', 'budget.state'];
const NEXT = 'agent.next';
const ASIDE = 'agents-set-aside';
const LOOK_AGAIN_MS = 100;

/** What the choice of a folder rests on. */
export interface FolderQuestions {
  /** Process whose agent holds a folder; null: none does. */
  holder(folder: string): number | null;
  /** Public key of the agent that a folder belongs to; null: it has none yet. */
  keyIn(folder: string): string | null;
  /** Whether the agent in a folder was ever enrolled: only then is there anything in it that is some database's. */
  wasEnrolled(folder: string): boolean;
  /** What the server makes of this key. */
  standing(publicKey: string): Promise<Standing>;
}

/** Where the server's own agent keeps its data. */
export interface ChosenFolder {
  readonly folder: string;
  /** Where the agent was put, with what it has not delivered, that was revoked or is another database's; null: nowhere. */
  readonly setAside: { readonly folder: string; readonly revoked: boolean } | null;
}

/** Where the agent in use keeps its data. */
export const agentFolder = (dataFolder: string): string => join(dataFolder, 'agent');

/**
 * Chooses the folder of the server's own agent, always `agent` in the data folder. Where it belongs to an agent that the
 * server does not know (another database was used with this data folder), it is set aside with all that it holds, since
 * its results belong to that database; and it is taken again once that database is. One that was revoked is set aside for
 * good. The owner's policy stays in force.
 */
export async function chooseAgentFolder(dataFolder: string, questions: FolderQuestions): Promise<ChosenFolder> {
  const folder = agentFolder(dataFolder);
  const holder = questions.holder(folder);
  if (holder !== null)
    throw new Error(`${folder} is in use by another agent (process ${holder}), which does not end: stop it first`);
  finishExchange(dataFolder, questions);
  if (await belongs(folder, questions)) return { folder, setAside: null };
  const key = questions.keyIn(folder);
  const known = await findAside(dataFolder, questions);
  if (known === null && !questions.wasEnrolled(folder)) return { folder, setAside: null };
  const revoked = key !== null && (await questions.standing(key)) === 'revoked';
  const aside = exchange(dataFolder, known, key);
  return { folder, setAside: aside === null ? null : { folder: aside, revoked } };
}

/** Waits until an agent that is ending has given the folder free; gives up after this many ms, or when `signal` aborts. */
export async function untilFree(holder: () => number | null, patienceMs: number, signal: AbortSignal): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (holder() !== null && performance.now() < endMs && !signal.aborted) await pause(LOOK_AGAIN_MS);
}

async function belongs(folder: string, { keyIn, standing }: FolderQuestions): Promise<boolean> {
  const key = keyIn(folder);
  return key !== null && (await standing(key)) === 'enrolled';
}

async function findAside(dataFolder: string, questions: FolderQuestions): Promise<string | null> {
  const aside = join(dataFolder, ASIDE);
  for (const name of existsSync(aside) ? readdirSync(aside) : []) {
    const folder = join(aside, name);
    if (await belongs(folder, questions)) return folder;
  }
  return null;
}

/** Puts another folder, or an empty one, in the place of `agent`; a kill at any moment leaves the owner's policy in force. */
function exchange(dataFolder: string, known: string | null, key: string | null): string | null {
  const folder = agentFolder(dataFolder);
  const next = join(dataFolder, NEXT);
  if (known === null) mkdirSync(next, { mode: 0o700 });
  else renameSync(known, next);
  if (existsSync(folder)) takeOwnersFiles(folder, next);
  const aside = existsSync(folder) ? placeAside(dataFolder, key) : null;
  if (aside !== null) renameSync(folder, aside);
  renameSync(next, folder);
  return aside;
}

function takeOwnersFiles(from: string, to: string): void {
  for (const name of OWNERS_FILES) {
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
    else rmSync(join(to, name), { force: true });
  }
}

/** What a kill has cut short: before the old folder was moved it begins again, after that it goes on. */
function finishExchange(dataFolder: string, { keyIn }: FolderQuestions): void {
  const folder = agentFolder(dataFolder);
  const next = join(dataFolder, NEXT);
  if (!existsSync(next)) return;
  const key = keyIn(next);
  if (!existsSync(folder)) renameSync(next, folder);
  else if (key === null) rmSync(next, { recursive: true });
  else renameSync(next, placeAside(dataFolder, key));
}

/** Where a folder goes that is set aside: each agent has a key, and so a name, of its own. */
function placeAside(dataFolder: string, key: string | null): string {
  const aside = join(dataFolder, ASIDE);
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  return join(aside, key ?? `without-key-${Date.now()}`);
}

import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Standing } from '@netsonde/server';

/** The owner's policy for this host, which applies to every agent that runs there. */
const OWNERS_FILES = ['policy.json', 'budget.state'];
const NEXT = 'agent.next';
const ASIDE = 'agents-set-aside';
const LOOK_AGAIN_MS = 100;

/** The facts that decide which folder is used. */
export interface FolderQuestions {
  /** Where the agent runs that has locked a folder; null where none has. */
  holder(folder: string): string | null;
  /** Public key of the agent that a folder belongs to; null where it has none yet. */
  keyIn(folder: string): string | null;
  /** Whether the agent in a folder was ever enrolled. Only then can it hold data of some database. */
  wasEnrolled(folder: string): boolean;
  /** What the server knows of this key. */
  standing(publicKey: string): Promise<Standing>;
}

/** The data folder of the server's own agent. */
export interface ChosenFolder {
  readonly folder: string;
  /** Where the former agent was moved with what it has not delivered; null: no agent was moved. */
  readonly setAside: { readonly folder: string; readonly why: SetAside } | null;
}

/** It was revoked, its key file is gone, or another database knows it. */
export type SetAside = 'revoked' | 'key_lost' | 'other_database';

/** The data folder of the agent in use. */
export const agentFolder = (dataFolder: string): string => join(dataFolder, 'agent');

/**
 * Chooses the folder of the server's own agent, always `agent` in the data folder. Where the server does not know that
 * agent (another database was used with this data folder), the folder is set aside with its content, since the results
 * belong to the other database. It is used again once that database is. The folder of a revoked agent is set aside
 * permanently. The owner's policy stays in force.
 */
export async function chooseAgentFolder(dataFolder: string, questions: FolderQuestions): Promise<ChosenFolder> {
  const folder = agentFolder(dataFolder);
  const holder = questions.holder(folder);
  if (holder !== null)
    throw new Error(`${folder} is in use by another agent (${holder}), which does not end: stop it first`);
  finishExchange(dataFolder, questions);
  if (await belongs(folder, questions)) return { folder, setAside: null };
  const key = questions.keyIn(folder);
  const known = await findAside(dataFolder, questions);
  if (known === null && !questions.wasEnrolled(folder)) return { folder, setAside: null };
  const why = await whyAside(key, questions);
  const aside = exchange(dataFolder, known, key);
  return { folder, setAside: aside === null ? null : { folder: aside, why } };
}

/** Waits until an agent that is ending has released the folder. Gives up after this many ms, or when `signal` aborts. */
export async function untilFree(holder: () => string | null, patienceMs: number, signal: AbortSignal): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (holder() !== null && performance.now() < endMs && !signal.aborted) await pause(LOOK_AGAIN_MS);
}

async function whyAside(key: string | null, { standing }: FolderQuestions): Promise<SetAside> {
  if (key === null) return 'key_lost';
  return (await standing(key)) === 'revoked' ? 'revoked' : 'other_database';
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

/** Replaces `agent` by another folder, or by an empty one. A kill at any moment leaves the owner's policy in force. */
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

/** Completes a move that a kill interrupted: it starts over before the old folder was moved, and continues after that. */
function finishExchange(dataFolder: string, { keyIn }: FolderQuestions): void {
  const folder = agentFolder(dataFolder);
  const next = join(dataFolder, NEXT);
  if (!existsSync(next)) return;
  const key = keyIn(next);
  if (!existsSync(folder)) renameSync(next, folder);
  else if (key === null) rmSync(next, { recursive: true });
  else renameSync(next, placeAside(dataFolder, key));
}

/** The path for a folder that is set aside. Each agent has its own key, and so its own name. */
function placeAside(dataFolder: string, key: string | null): string {
  const aside = join(dataFolder, ASIDE);
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  return join(aside, key ?? `without-key-${Date.now()}`);
}

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../files/write-durably.ts';
import { listSegments } from '../spool/segment-files.ts';

const manifestSchema = z.object({
  version: z.literal(1),
  /** Of the last start. */
  epoch: z.number(),
});

const STATE_FILES = ['epoch', 'cursors', 'drops', 'alive'];

/** What an agent's folder should hold, and what of it is gone. */
export interface AgentFolderState {
  /** The epoch of this start must be larger, whatever the spool says; 0: any. */
  readonly lastEpoch: number;
  /** Lost files without which the agent goes on, each in a sentence. */
  readonly lost: readonly string[];
}

/**
 * Looks for files that are missing or empty beside the others, before any is made.
 * @throws Error where the agent's key is gone: with a new key it would be another agent, and nothing that the spool holds
 * could be delivered
 */
export function checkAgentFolder(folder: string): AgentFolderState {
  const spool = join(folder, 'spool');
  const lastEpoch = lastEpochIn(folder);
  const [hasKey, hasServer] = ['agent-key.pem', 'server.json'].map((name) => isFilled(join(folder, name)));
  const hasSpool = STATE_FILES.some((name) => existsSync(join(spool, name)));
  if (!hasKey && (hasServer || hasSpool || lastEpoch > 0))
    throw new Error(
      `--data: ${join(folder, 'agent-key.pem')} is ${existsSync(join(folder, 'agent-key.pem')) ? 'empty' : 'missing'}, and ${folder} belongs to an agent${heldIn(spool)}: put the file back from a backup; or move the folder away, and enrol this host as a new agent with a new token`,
    );
  const lost: string[] = [];
  if (lastEpoch > 0 && !hasServer)
    lost.push(
      `${join(folder, 'server.json')} is missing or empty: the agent no longer knows its server, and needs a token of it to enrol again with its key`,
    );
  const expected = lastEpoch > 0 ? STATE_FILES : hasServer ? ['epoch'] : [];
  const gone = expected.filter((name) => !isFilled(join(spool, name)));
  if (gone.length > 0)
    lost.push(
      `of the spool in ${spool}, ${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} missing or empty: results that were not delivered may be lost, and the server shows their runs as outstanding`,
    );
  return { lastEpoch, lost };
}

/** Writes down what the folder holds now. */
export function keepAgentFolder(folder: string, epoch: number): void {
  writeDurably(join(folder, 'folder.json'), JSON.stringify({ version: 1, epoch }));
}

/** 0: not known, as in folders of earlier versions. */
function lastEpochIn(folder: string): number {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(join(folder, 'folder.json'), 'utf8'))).epoch;
  } catch {
    return 0;
  }
}

function heldIn(spool: string): string {
  const segments = existsSync(spool) ? listSegments(spool).filter(({ hasRecords }) => hasRecords).length : 0;
  return segments === 0 ? '' : ` whose spool holds results in ${segments} files`;
}

const isFilled = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;

import type { FileState, Mark } from './file-state.ts';

export const FILES = ['database', 'intake', 'results'] as const;
export type FileName = (typeof FILES)[number];

/** The three files that belong together. */
export type States = Readonly<Record<FileName, FileState>>;

/** What is wrong with one of them. */
export interface Loss {
  readonly file: FileName;
  readonly how: 'missing' | 'empty' | 'foreign' | 'older';
}

interface Question {
  readonly states: States;
  /** The number of this data folder as its manifest has it; null: it has no manifest, or nothing of this database. */
  readonly id: number | null;
  /** Without marks: all results are in the intake's log still, so that the results' file can be made again. */
  readonly isLogWhole: boolean;
}

/**
 * Which files are lost beside the others. A new folder has lost nothing, and nor has one of an earlier version whose files
 * are there.
 */
export function findLosses({ states, id, isLogWhole }: Question): readonly Loss[] {
  const marks = FILES.flatMap((file) => markOf(states[file]) ?? []);
  const known = id ?? commonId(states);
  if (known === null) return lossesWithoutMarks(states, isLogWhole);
  const newest = Math.max(0, ...marks.filter((mark) => mark.id === known).map(({ count }) => count));
  return FILES.flatMap((file): readonly Loss[] => {
    const state = states[file];
    if (isGone(state)) return [{ file, how: state.kind }];
    if (state.kind === 'unreadable') return [];
    // A kill between the three files leaves them one apart.
    if (state.mark === null) return newest === 0 ? [] : [{ file, how: 'older' }];
    if (state.mark.id !== known) return [{ file, how: 'foreign' }];
    return state.mark.count < newest - 1 ? [{ file, how: 'older' }] : [];
  });
}

/** Without a manifest the configuration says which folder this is, or else what the two others agree on. */
function commonId(states: States): number | null {
  const [database, intake, results] = FILES.map((file) => markOf(states[file])?.id ?? null);
  if (database !== null && database !== undefined) return database;
  return intake !== undefined && intake === results ? intake : (intake ?? results ?? null);
}

type Gone = { readonly kind: 'missing' | 'empty' };
const isGone = (state: FileState): state is Gone => state.kind === 'missing' || state.kind === 'empty';

const markOf = (state: FileState): Mark | null => (state.kind === 'present' ? state.mark : null);

function lossesWithoutMarks({ database, intake, results }: States, isLogWhole: boolean): readonly Loss[] {
  const used = (state: FileState) => state.kind === 'present' && state.used;
  if (isGone(database)) return used(intake) || used(results) ? [{ file: 'database', how: database.kind }] : [];
  const losses: Loss[] = [];
  if (isGone(intake) && (used(results) || (isGone(results) && used(database))))
    losses.push({ file: 'intake', how: intake.kind });
  if (isGone(results) && ((used(intake) && !isLogWhole) || (isGone(intake) && used(database))))
    losses.push({ file: 'results', how: results.kind });
  return losses;
}

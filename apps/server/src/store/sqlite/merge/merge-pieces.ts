import { isDamage } from '../damage/damaged.ts';
import { type Bucket, regroup } from '../rollup/bucket.ts';
import { COARSEST, LEVELS, type Level, widthOf } from '../rollup/levels.ts';
import type { RolledUp } from '../rollup/roll-up.ts';
import { type PieceHead, type RollupWriter, SMALL_BUCKETS } from '../rollup/rollup-store.ts';

interface Group {
  readonly level: Level;
  readonly finest: Level;
  readonly pieces: PieceHead[];
  readonly added: Bucket[];
}

/** Finest buckets that are worth lifting: an hour of them makes one bucket of the next level. */
const WORTH_LIFTING = 12;

export interface PieceMove {
  readonly series: number;
  readonly pieces: readonly PieceHead[];
  /** What was rolled up just now. */
  readonly rolled: readonly RolledUp[];
}

/** Merges the small pieces of one series level by level, and lifts what has been rolled up into the coarser levels. */
export function movePieces(rollups: RollupWriter, fold: number, { series, pieces, rolled }: PieceMove): void {
  const fresh = new Map<Level, Bucket[]>();
  const addFresh = (finest: Level, buckets: readonly Bucket[]) => {
    fresh.set(finest, [...(fresh.get(finest) ?? []), ...buckets]);
  };
  for (const { levels, buckets } of rolled) addFresh(levels.finest, buckets);
  for (const piece of pieces.filter(({ isLifted }) => !isLifted)) {
    const buckets = readable(rollups, piece);
    // A damaged piece only changes its fold: its head goes on saying what is missing.
    if (buckets === null) rollups.keep(fold, piece);
    else {
      addFresh(piece.finest, buckets);
      rollups.drop(piece);
    }
  }
  const groups = new Groups();
  for (const piece of pieces) if (piece.isLifted) groups.of(piece.level, piece.finest).pieces.push(piece);
  for (const [finest, added] of fresh) {
    const buckets = regroup(added, widthOf(finest));
    if (finest !== COARSEST && buckets.length < WORTH_LIFTING)
      rollups.write(fold, series, { level: finest, finest, isLifted: false }, buckets);
    else for (const level of LEVELS) if (level >= finest) groups.of(level, finest).added.push(...buckets);
  }
  for (const group of groups.all()) moveGroup(rollups, fold, series, group);
}

/** A piece's buckets; null where it is damaged. */
function readable(rollups: RollupWriter, piece: PieceHead): readonly Bucket[] | null {
  try {
    return rollups.read(piece);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return null;
  }
}

class Groups {
  readonly #groups = new Map<string, Group>();

  of(level: Level, finest: Level): Group {
    const group = this.#groups.get(`${level}/${finest}`) ?? { level, finest, pieces: [], added: [] };
    this.#groups.set(`${level}/${finest}`, group);
    return group;
  }

  all(): Iterable<Group> {
    return this.#groups.values();
  }
}

function moveGroup(rollups: RollupWriter, fold: number, series: number, { level, finest, pieces, added }: Group): void {
  const small = pieces.filter(({ buckets }) => buckets < SMALL_BUCKETS);
  const merges = added.length > 0 || small.length > 1;
  for (const piece of pieces) if (!merges || piece.buckets >= SMALL_BUCKETS) rollups.keep(fold, piece);
  if (!merges) return;
  const buckets = [...added];
  for (const piece of small) {
    const read = readable(rollups, piece);
    if (read === null) rollups.keep(fold, piece);
    else {
      buckets.push(...read);
      rollups.drop(piece);
    }
  }
  rollups.write(fold, series, { level, finest, isLifted: true }, regroup(buckets, widthOf(level)));
}

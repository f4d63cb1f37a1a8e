import type { Database } from 'better-sqlite3';
import { type BlockHead, headOf, headTable, SMALL_ROWS } from '../blocks/block-head.ts';
import type { BlockStore } from '../blocks/block-store.ts';
import { byTime, chunksOf, dayOf } from '../blocks/chunks.ts';
import { Block } from '../codec/block.ts';
import type { Row } from '../codec/row.ts';
import { writeBlock } from '../codec/write-block.ts';
import { isDamage } from '../damage/damaged.ts';
import { layoutIds, layoutTable } from '../intake/layout-table.ts';
import { type RolledUp, rollUp } from '../rollup/roll-up.ts';

/** Blocks know neither check nor target: their series does. */
const ANY_KEY = { check: 0, target: 0 };

export interface RowMergeOptions {
  readonly sketched: ReadonlySet<string>;
  /** Rolls up also what is too little for it to pay: there will not be more of it soon. */
  readonly rollsAll: boolean;
}

/** Merges the small blocks of one series; large ones only change their fold. */
export class RowMerge {
  readonly #blocks: BlockStore;
  readonly #heads;
  readonly #layoutId;
  readonly #textOf;
  readonly #options: RowMergeOptions;

  constructor(db: Database, blocks: BlockStore, options: RowMergeOptions) {
    this.#blocks = blocks;
    this.#heads = headTable(db);
    this.#layoutId = layoutIds(db);
    this.#textOf = layoutTable(db).textOf;
    this.#options = options;
  }

  /** Puts blocks of a series into a fold. @returns what was rolled up on the way. */
  move(fold: number, heads: readonly BlockHead[]): readonly RolledUp[] {
    for (const head of heads) if (head.rows >= SMALL_ROWS) this.#heads.add(fold, head);
    const small = heads.filter(({ rows }) => rows < SMALL_ROWS);
    const groups = groupBy(small, ({ rolled, fromMs }) => `${rolled}/${dayOf(fromMs)}`);
    const rolled: RolledUp[] = [];
    for (const group of groups) {
      const one = this.#moveGroup(fold, group);
      if (one !== null) rolled.push(one);
    }
    return rolled;
  }

  /** Small blocks of one day, all rolled up or none. */
  #moveGroup(fold: number, heads: readonly BlockHead[]): RolledUp | null {
    const count = heads.reduce((sum, { rows }) => sum + rows, 0);
    const [first] = heads;
    if (first === undefined) return null;
    const rolls = first.rolled === 0 && (this.#options.rollsAll || count >= SMALL_ROWS);
    if (heads.length === 1 && !rolls) {
      this.#heads.add(fold, first);
      return null;
    }
    const group: BlockHead[] = [];
    const rows: Row[] = [];
    for (const head of heads) {
      const read = this.#read(head);
      // A damaged block only changes its fold: its head goes on saying what is missing.
      if (read === null) this.#heads.add(fold, head);
      else {
        group.push(head);
        rows.push(...read);
      }
    }
    if (group.length === 0) return null;
    rows.sort(byTime);
    const rolled = rolls ? rollUp(rows, this.#options.sketched) : null;
    const finest = rolled?.levels.finest ?? first.rolled;
    const [only] = group;
    if (group.length === 1 && only !== undefined) this.#heads.add(fold, { ...only, rolled: finest });
    else this.#rewrite(fold, group, rows, finest);
    return rolled;
  }

  /** All rows of a block; null where it is damaged. */
  #read({ series, block }: BlockHead): readonly Row[] | null {
    try {
      return rowsOf(new Block(this.#blocks.get({ kind: 'rows', series }, block), this.#textOf));
    } catch (error) {
      if (!isDamage(error)) throw error;
      return null;
    }
  }

  #rewrite(fold: number, group: readonly BlockHead[], rows: readonly Row[], rolled: number): void {
    const series = group[0]?.series ?? 0;
    for (const { block } of group) this.#blocks.drop(block);
    for (const chunk of chunksOf(rows)) {
      const block = this.#blocks.add(
        { kind: 'rows', series },
        writeBlock(chunk, this.#layoutId),
        chunk.length < SMALL_ROWS,
      );
      this.#heads.add(fold, headOf(series, chunk, rolled, block));
    }
  }
}

/** All rows of a block, oldest first. */
export const rowsOf = (block: Block): readonly Row[] =>
  Array.from({ length: block.rows }, (_, row) => block.row(row, ANY_KEY));

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly (readonly Item[])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

import type { Damaged, DamagedCounts, DamagedFigures, DamageFilter, StoreDamage } from '../../result-store.ts';
import type { DamageNote } from './damaged.ts';
import { concernsFigures } from './tables.ts';

/** Most places that are remembered one by one. */
const MOST_NOTES = 1000;

/** What was found damaged so far, by any thread of the store. Lives in the main thread and is asked without a wait. */
export class DamageLog {
  readonly #notes = new Map<string, DamageNote>();
  /** Found since a pass over the files began. */
  #fresh = new Set<string>();
  /** More was found than is remembered: any answer may lack something. */
  #isFull = false;

  add(notes: readonly DamageNote[]): void {
    for (const note of notes) {
      const key = `${note.file}/${note.table}/${note.what}`;
      this.#fresh.add(key);
      if (this.#notes.size < MOST_NOTES || this.#notes.has(key)) this.#notes.set(key, note);
      else this.#isFull = true;
    }
  }

  beginPass(): void {
    this.#fresh = new Set();
  }

  /** A pass has looked at everything: what neither it nor a question found again is gone. */
  endPass(found: readonly DamageNote[]): void {
    this.#isFull = false;
    this.add(found);
    for (const key of this.#notes.keys()) if (!this.#fresh.has(key)) this.#notes.delete(key);
  }

  /** By file and table: how many places, and at most how many results they concern. */
  get summary(): readonly StoreDamage[] {
    const tables = new Map<string, StoreDamage>();
    for (const { file, table, results } of this.#notes.values()) {
      const before = tables.get(`${file}/${table}`) ?? { file, table, places: 0, resultsAtMost: 0 };
      tables.set(`${file}/${table}`, {
        ...before,
        places: before.places + 1,
        resultsAtMost: added(before.resultsAtMost, results),
      });
    }
    return [...tables.values()];
  }

  /** What of the results that a filter lets through cannot be read; null where nothing that is known of. */
  of(filter: DamageFilter): Damaged | null {
    const found = [...this.#notes.values()].filter((note) => concerns(note, filter));
    if (found.length === 0 && !this.#isFull) return null;
    const first: number | null = this.#isFull ? null : 0;
    const details = found.filter(({ table }) => table === 'detail').length;
    const resultsAtMost = found.reduce((sum: number | null, { results }) => added(sum, results), first);
    return resultsAtMost === 0 && details === 0 ? null : { resultsAtMost, details };
  }

  /** What may make figures smaller. null: nothing that is known of. */
  countsOf(of: readonly DamagedFigures[], filter: DamageFilter): DamagedCounts | null {
    const found = [...this.#notes.values()].filter(
      (note) => of.some((figures) => concernsFigures(note, figures)) && concerns(note, filter),
    );
    if (found.length === 0 && !this.#isFull) return null;
    const first: number | null = this.#isFull ? null : 0;
    return {
      places: found.length,
      resultsAtMost: found.reduce((sum: number | null, { results }) => added(sum, results), first),
    };
  }
}

const added = (sum: number | null, more: number | null): number | null =>
  sum === null || more === null ? null : sum + more;

function concerns({ series, fromMs, toMs }: DamageNote, filter: DamageFilter): boolean {
  if (toMs !== undefined && toMs < (filter.fromMs ?? 0)) return false;
  if (fromMs !== undefined && filter.toMs !== undefined && fromMs >= filter.toMs) return false;
  if (series === undefined) return true;
  return (
    (filter.checks === undefined || filter.checks.includes(series.check)) &&
    (filter.agent === undefined || filter.agent === series.agent) &&
    (filter.target === undefined || filter.target === series.target)
  );
}

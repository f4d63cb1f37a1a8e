/** Stored bytes that are not what was written. */
export class Damaged extends Error {
  override readonly name = 'Damaged';
}

/**
 * Whether an error says that stored bytes are damaged: a check that does not match, what SQLite reports of its pages, or
 * a decoder that met what no encoder writes (rows from before there were checks).
 */
export function isDamage(error: unknown): boolean {
  if (error instanceof Damaged || error instanceof RangeError || error instanceof SyntaxError) return true;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB' || code.startsWith('Z_');
}

/** Damage that was found: where it is, and what of the results it may concern. */
export interface DamageNote {
  readonly file: 'intake.db' | 'results.db';
  readonly table: string;
  /** Which row, or what SQLite says of the table. */
  readonly what: string;
  /** The series that it concerns; absent: nobody can tell which. */
  readonly series?: { readonly agent: number; readonly check: number; readonly target: number };
  /** Scheduled instants that it concerns, epoch ms, [fromMs, toMs]; absent: any. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** At most how many results cannot be read for it; null: unknown. 0: only details of results, or copies of them. */
  readonly results: number | null;
}

/** A damaged count: no result is missing for it. */
export const countNote = (table: string, what: string): DamageNote => ({
  file: 'intake.db',
  table,
  what,
  results: 0,
});

/** Collects what one piece of work finds damaged; each place once. */
export class DamageNotes {
  readonly #notes = new Map<string, DamageNote>();

  add(note: DamageNote): void {
    this.#notes.set(`${note.file}/${note.table}/${note.what}`, note);
  }

  /** Runs a step. @returns its value; `fallback` where it met damage, which is noted. */
  guard<T>(note: DamageNote, fallback: T, step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.add(note);
      return fallback;
    }
  }

  /** What was noted since the last call. */
  take(): readonly DamageNote[] {
    const notes = [...this.#notes.values()];
    this.#notes.clear();
    return notes;
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { type KnownIncarnation, knownIncarnationSchema, type SentCheck } from '@netsonde/protocol';
import { writeDurably } from '../files/write-durably.ts';

/** What the server told this agent last, so that a server whose data were put back to an older state learns it. */
export class ServerMemory {
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #known: KnownIncarnation | null;

  constructor(path: string, warn: (message: string) => void) {
    this.#path = path;
    this.#warn = warn;
    this.#known = readMemory(path);
  }

  /** null: no server has named an incarnation yet. */
  get known(): KnownIncarnation | null {
    return this.#known;
  }

  /** The server is of this incarnation now. undefined: it is older than incarnations. */
  met(incarnation: string | undefined): void {
    if (incarnation === undefined || incarnation === this.#known?.incarnation) return;
    this.#keep({ incarnation, revision: 0, check: 0, target: 0 });
  }

  assigned(revision: number, checks: readonly SentCheck[]): void {
    if (this.#known === null) return;
    let { check, target } = this.#known;
    for (const one of checks) {
      check = Math.max(check, one.check);
      for (const { target: id } of Array.isArray(one.targets) ? (one.targets as { target?: unknown }[]) : [])
        if (Number.isSafeInteger(id)) target = Math.max(target, Number(id));
    }
    this.#keep({ ...this.#known, revision: Math.max(revision, this.#known.revision), check, target });
  }

  /** On a disk that takes no writes the agent goes on: it is one witness less. */
  #keep(known: KnownIncarnation): void {
    if (JSON.stringify(known) === JSON.stringify(this.#known)) return;
    this.#known = known;
    try {
      writeDurably(this.#path, JSON.stringify(known));
    } catch (error) {
      this.#warn(
        `${this.#path} could not be written (${error instanceof Error ? error.message : error}): free the disk`,
      );
    }
  }
}

/** A file that cannot be read counts as none: the server misses one witness. */
function readMemory(path: string): KnownIncarnation | null {
  if (!existsSync(path)) return null;
  try {
    return knownIncarnationSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

import { join } from 'node:path';
import type { Redating } from '../clock/dated.ts';
import { ImageFile } from './image-file.ts';

/** What the agent's process knows of its clock. Times in ms. */
export interface LineStart {
  /** Identifies the time since the host's last boot. null: unknown. */
  readonly boot: string | null;
  /** The best estimate minus the time since boot. null: the platform has no such clock. */
  readonly aheadMs: number | null;
}

/** What is known once the clock is anchored. Times in ms. */
export interface Anchoring extends LineStart {
  /** The first record of the epoch that is dated rightly. */
  readonly beforeSeq: number;
  /** By how much the estimate moved. */
  readonly byMs: number;
  /** When the process began, epoch ms. */
  readonly startMs: number;
}

/** The records of one epoch that were dated by a clock that was not anchored. */
interface Line extends LineStart {
  readonly epoch: number;
  /** The first record that is not among them. null: all of the epoch. */
  readonly beforeSeq: number | null;
  /** null: not known yet. */
  readonly shiftMs: number | null;
  readonly unsure: boolean;
}

const HALF_BYTES = 16 * 1024;
/** Beyond this many, the oldest that are not known count as dated rightly. */
const MOST_LINES = 64;
const AS_DATED: Redating = { shiftMs: 0, unsure: false };

/** Which records were dated by a clock that was not anchored, and by how much they are off once that is known. */
export class ClockLines {
  readonly #file: ImageFile;
  #lines: readonly Line[];

  constructor(folder: string) {
    this.#file = new ImageFile(join(folder, 'clock-lines'), HALF_BYTES);
    this.#lines = linesOf(this.#file.payload);
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** All records of this epoch are dated by a clock that is not anchored, until {@link anchored}. Durable. */
  begin(epoch: number, start: LineStart): void {
    this.#write([...this.#lines, { ...start, epoch, beforeSeq: null, shiftMs: null, unsure: false }]);
  }

  /**
   * The clock is anchored: earlier records of this boot are off by what the estimate moved, and it was never set meanwhile.
   * Of those of earlier boots it is only known that they are not of the future. Durable.
   * @param latestOf the latest instant of an epoch's records as dated, epoch ms; null: none is left
   */
  anchored(
    { epoch, beforeSeq, byMs, boot, aheadMs, startMs }: Anchoring & { readonly epoch: number },
    latestOf: (epoch: number) => number | null,
  ): void {
    this.#write(
      this.#lines.map((line) => {
        if (line.shiftMs !== null) return line;
        if (line.epoch === epoch) return { ...line, beforeSeq, shiftMs: byMs };
        if (boot !== null && line.boot === boot && line.aheadMs !== null && aheadMs !== null)
          return { ...line, shiftMs: aheadMs - line.aheadMs };
        return { ...line, shiftMs: Math.min(0, startMs - (latestOf(line.epoch) ?? startMs)), unsure: true };
      }),
    );
  }

  /** By how much a record has to be moved. null: not known yet. */
  of(epoch: number, seq: number): Redating | null {
    for (const line of this.#lines)
      if (line.epoch === epoch && (line.beforeSeq === null || seq < line.beforeSeq))
        return line.shiftMs === null ? null : { shiftMs: line.shiftMs, unsure: line.unsure };
    return AS_DATED;
  }

  /** Drops what no record needs. */
  prune(isNeeded: (epoch: number) => boolean): void {
    const needed = this.#lines.filter(({ epoch }) => isNeeded(epoch));
    if (needed.length < this.#lines.length) this.#write(needed);
  }

  close(): void {
    this.#file.close();
  }

  #write(lines: readonly Line[]): void {
    this.#lines = lines.slice(-MOST_LINES);
    this.#file.write(Buffer.from(JSON.stringify(this.#lines)));
  }
}

function linesOf(payload: Buffer | null): readonly Line[] {
  if (payload === null) return [];
  try {
    const lines: unknown = JSON.parse(payload.toString('utf8'));
    return Array.isArray(lines) ? (lines as readonly Line[]) : [];
  } catch {
    return [];
  }
}

import type { MissedRecord, RunRecord } from '@netsonde/protocol';
import type { Intake, IntakeReport } from '../result-store.ts';
import type { FrameOut } from './intake/intake-writer.ts';
import { SeqRanges } from './intake/seq-ranges.ts';

/**
 * A report that parses its results from the frame at the first access. Without live readers and rules, the frame is not
 * parsed a second time.
 */
export class LazyReport implements IntakeReport {
  readonly origin: IntakeReport['origin'];
  readonly stored: IntakeReport['stored'];
  readonly refused: IntakeReport['refused'];
  readonly alsoRefused: IntakeReport['alsoRefused'];
  readonly refusedCount: number;
  readonly missed: readonly MissedRecord[];
  readonly malformed?: string;
  readonly resultCount: number;
  readonly #frame: Uint8Array;
  readonly #fresh: SeqRanges;
  #results: readonly RunRecord[] | undefined;

  constructor(intake: Intake, out: FrameOut) {
    this.origin = intake.origin;
    this.stored = out.stored;
    this.refused = out.refused;
    this.alsoRefused = out.alsoRefused;
    this.refusedCount = out.refusedCount;
    this.missed = out.missed;
    if (out.malformed !== undefined) this.malformed = out.malformed;
    this.#frame = intake.frame;
    this.#fresh = new SeqRanges(out.fresh);
    this.resultCount = out.fresh.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  }

  get results(): readonly RunRecord[] {
    this.#results ??= this.resultCount === 0 ? [] : this.#read();
    return this.#results;
  }

  #read(): readonly RunRecord[] {
    const { buffer, byteOffset, byteLength } = this.#frame;
    const { items } = JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString('utf8')) as {
      items: RunRecord[];
    };
    const seen = new Set<number>();
    return items.filter(({ t, seq }) => {
      if (t !== 'run' || seen.has(seq) || !this.#fresh.has(seq)) return false;
      seen.add(seq);
      return true;
    });
  }
}

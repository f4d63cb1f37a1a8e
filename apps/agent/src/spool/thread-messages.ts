import type { Anchoring } from './clock-lines.ts';
import type { ReportedDrop } from './drop-ledger.ts';
import type { SpoolLimits } from './limits.ts';
import type { PackedRecords } from './packed-records.ts';
import type { SeqRanges } from './seq-ranges.ts';
import type { Kept, Position, SpoolStatus, SpoolTime } from './spool-core.ts';

/** The options that the spool's thread starts with. */
export interface ThreadStart {
  readonly folder: string;
  readonly limits: SpoolLimits;
  readonly time: SpoolTime;
}

/** Messages to the spool's thread. `id` pairs a request with its answer. */
export type ToThread =
  | ({ readonly type: 'append' } & PackedRecords)
  | { readonly type: 'session'; readonly received: readonly { readonly epoch: number; readonly ranges: SeqRanges }[] }
  | { readonly type: 'assigned'; readonly checks: readonly number[] }
  /** The time, as ms beyond the host's monotonic clock, which all threads share. `least` null: nothing is certain. */
  | { readonly type: 'clock'; readonly bestAheadMs: number; readonly leastAheadMs: number | null }
  | { readonly type: 'anchored'; readonly anchoring: Anchoring }
  | { readonly type: 'sent'; readonly epoch: number; readonly ranges: SeqRanges }
  | { readonly type: 'acknowledge'; readonly epoch: number; readonly ranges: SeqRanges }
  | {
      readonly type: 'read';
      readonly id: number;
      readonly position: Position;
      readonly before: number;
      readonly maxBytes: number;
    }
  | { readonly type: 'drops'; readonly id: number }
  | { readonly type: 'status'; readonly id: number }
  | { readonly type: 'close' };

/** The answer to `read`. `next` is null when nothing is left before the live records. */
export interface ReadAnswer {
  readonly records: readonly Kept[];
  readonly next: Position | null;
}

/** Messages from the spool's thread. */
export type FromThread =
  | {
      readonly type: 'open';
      readonly epoch: number;
      readonly lastAliveMs: number | null;
      readonly cursors: readonly (readonly [check: number, target: number, to: number])[];
    }
  | { readonly type: 'kept' | 'lost'; readonly from: number; readonly to: number }
  | { readonly type: 'warn'; readonly message: string }
  | { readonly type: 'read'; readonly id: number; readonly answer: ReadAnswer }
  | { readonly type: 'drops'; readonly id: number; readonly answer: readonly ReportedDrop[] }
  | { readonly type: 'status'; readonly id: number; readonly answer: SpoolStatus }
  | { readonly type: 'failed'; readonly message: string };

import type { Drop, DropReason } from '@netsonde/protocol';
import type { ImageFile } from './image-file.ts';

/** Runs of one (check, target) that were lost: how many, first and last instant. */
interface LostRuns {
  readonly check: number;
  readonly target: number;
  count: number;
  from: number;
  to: number;
}

/** A range of lost records of one epoch. */
interface LostRange {
  readonly epoch: number;
  fromSeq: number;
  toSeq: number;
  readonly reason: DropReason;
  /** By `check/target`: the runs whose check and target are known. */
  readonly runs: Map<string, LostRuns>;
  /** Number of records whose check and target are not known. */
  unknown: number;
  /** It may have been sent, so its bounds must not change any more. */
  frozen: boolean;
}

/** One lost record and the runs that it accounted for; null where that can no longer be read. */
export interface LostRecord {
  readonly epoch: number;
  readonly seq: number;
  readonly reason: DropReason;
  readonly owner: {
    readonly check: number;
    readonly target: number;
    readonly count: number;
    readonly from: number;
    readonly to: number;
  } | null;
  /** It may have reached the server already. It stays a range of its own, so that the server can tell. */
  readonly uncertain: boolean;
}

/** A drop as it is reported, with its epoch. */
export interface ReportedDrop {
  readonly epoch: number;
  readonly drop: Drop;
}

/** At most this many `runs` per message. The rest is split over several ranges of sequence numbers. */
const MAX_RUNS = 256;

/** Losses that the server has not confirmed yet. Written in place, so that it works on a full disk. */
export class DropLedger {
  readonly #file: ImageFile;
  #ranges: LostRange[] = [];
  /** Runs lost since the data folder was made. */
  #total = 0;

  constructor(file: ImageFile) {
    this.#file = file;
    if (file.payload === null) return;
    const image = JSON.parse(file.payload.toString('utf8')) as Image;
    this.#total = image.total;
    this.#ranges = image.stretches.map(rangeOf);
  }

  /** Runs lost since the data folder was made. A record that cannot be read counts as one run. */
  get total(): number {
    return this.#total;
  }

  /** Records losses; they count only once `save` has returned. */
  add(records: Iterable<LostRecord>): void {
    for (const record of records) this.#addOne(record);
  }

  /** Writes the ledger durably. Where it outgrows its file on a full disk, it drops the owners of the oldest losses. */
  save(): void {
    for (;;) {
      const bytes = Buffer.from(JSON.stringify({ total: this.#total, stretches: this.#ranges.map(packed) }));
      if (bytes.length <= this.#file.capacity || this.#ranges.length < 2) {
        this.#file.write(bytes);
        return;
      }
      this.#condense();
    }
  }

  /** Lost ranges of sequence numbers. No record is needed for them any more. */
  *settled(): Generator<readonly [epoch: number, from: number, to: number]> {
    for (const { epoch, fromSeq, toSeq } of this.#ranges) yield [epoch, fromSeq, toSeq];
  }

  /** The last lost instant per (check, target). */
  *instants(): Generator<readonly [check: number, target: number, to: number]> {
    for (const { runs } of this.#ranges) for (const { check, target, to } of runs.values()) yield [check, target, to];
  }

  /** All losses to report. From now on these ranges keep their bounds. */
  report(): readonly ReportedDrop[] {
    this.#split();
    return this.#ranges.map((range) => {
      range.frozen = true;
      return { epoch: range.epoch, drop: dropOf(range) };
    });
  }

  /** Deletes what the server has confirmed. Returns true where anything was deleted; call `save` then. */
  acknowledge(epoch: number, ranges: readonly (readonly [number, number])[]): boolean {
    const before = this.#ranges.length;
    this.#ranges = this.#ranges.filter(
      (one) => one.epoch !== epoch || !ranges.some(([from, to]) => from <= one.fromSeq && one.toSeq <= to),
    );
    return this.#ranges.length < before;
  }

  #addOne({ epoch, seq, reason, owner, uncertain }: LostRecord): void {
    this.#total += owner?.count ?? 1;
    const last = this.#ranges.at(-1);
    const joins = !uncertain && last !== undefined && !last.frozen && last.epoch === epoch && last.reason === reason;
    let range = joins && last.toSeq + 1 === seq ? last : undefined;
    if (range === undefined) {
      range = { epoch, fromSeq: seq, toSeq: seq, reason, runs: new Map(), unknown: 0, frozen: uncertain };
      this.#ranges.push(range);
    }
    range.toSeq = seq;
    if (owner === null) range.unknown += 1;
    else addRuns(range.runs, owner);
  }

  /** Splits each range with too many owners into several adjacent ones, each with its share of them. */
  #split(): void {
    this.#ranges = this.#ranges.flatMap((range) => {
      const pieces = Math.min(Math.ceil(range.runs.size / MAX_RUNS), range.toSeq - range.fromSeq + 1);
      if (pieces < 2) return [range];
      const runs = [...range.runs];
      return Array.from({ length: pieces }, (_, i) => ({
        ...range,
        fromSeq: range.fromSeq + i,
        toSeq: i === pieces - 1 ? range.toSeq : range.fromSeq + i,
        runs: new Map(runs.slice(i * MAX_RUNS, (i + 1) * MAX_RUNS)),
        unknown: i === 0 ? range.unknown : 0,
      }));
    });
  }

  /** Halves the image: the older half keeps only counts, without owners. */
  #condense(): void {
    const half = Math.ceil(this.#ranges.length / 2);
    for (const range of this.#ranges.slice(0, half)) {
      for (const { count } of range.runs.values()) range.unknown += count;
      range.runs.clear();
    }
    const joined: LostRange[] = [];
    for (const range of this.#ranges) {
      const last = joined.at(-1);
      const same = last !== undefined && last.epoch === range.epoch && last.reason === range.reason;
      if (same && last.toSeq + 1 === range.fromSeq && last.runs.size + range.runs.size === 0) {
        last.toSeq = range.toSeq;
        last.unknown += range.unknown;
      } else joined.push(range);
    }
    if (joined.length === this.#ranges.length && half === 1) joined.shift();
    this.#ranges = joined;
  }
}

function addRuns(runs: Map<string, LostRuns>, owner: NonNullable<LostRecord['owner']>): void {
  const key = `${owner.check}/${owner.target}`;
  const known = runs.get(key);
  if (owner.count === 0) return;
  if (known === undefined) {
    runs.set(key, { check: owner.check, target: owner.target, count: owner.count, from: owner.from, to: owner.to });
    return;
  }
  known.count += owner.count;
  known.from = Math.min(known.from, owner.from);
  known.to = Math.max(known.to, owner.to);
}

function dropOf({ fromSeq, toSeq, reason, runs, unknown }: LostRange): Drop {
  const known = [...runs.values()];
  return { fromSeq, toSeq, reason, runs: known, count: unknown + known.reduce((sum, { count }) => sum + count, 0) };
}

type Packed = readonly [
  epoch: number,
  from: number,
  to: number,
  reason: DropReason,
  unknown: number,
  runs: readonly number[],
];

interface Image {
  readonly total: number;
  readonly stretches: readonly Packed[];
}

function packed({ epoch, fromSeq, toSeq, reason, unknown, runs }: LostRange): Packed {
  const flat = [...runs.values()].flatMap(({ check, target, count, from, to }) => [check, target, count, from, to]);
  return [epoch, fromSeq, toSeq, reason, unknown, flat];
}

function rangeOf([epoch, fromSeq, toSeq, reason, unknown, flat]: Packed): LostRange {
  const runs = new Map<string, LostRuns>();
  for (let at = 0; at < flat.length; at += 5) {
    const [check = 0, target = 0, count = 0, from = 0, to = 0] = flat.slice(at, at + 5);
    runs.set(`${check}/${target}`, { check, target, count, from, to });
  }
  return { epoch, fromSeq, toSeq, reason, runs, unknown, frozen: true };
}

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

/** A stretch of lost records of one epoch. */
interface Stretch {
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
  /** It may have reached the server already. It stays a stretch of its own, so that the server can tell. */
  readonly uncertain: boolean;
}

/** A drop as it is reported, with its epoch. */
export interface ReportedDrop {
  readonly epoch: number;
  readonly drop: Drop;
}

/** At most this many `runs` per message. The rest is split over several stretches of sequence numbers. */
const MAX_RUNS = 256;

/** Losses that the server has not confirmed yet. Written in place, so that it works on a full disk. */
export class DropLedger {
  readonly #file: ImageFile;
  #stretches: Stretch[] = [];
  /** Runs lost since the data folder was made. */
  #total = 0;

  constructor(file: ImageFile) {
    this.#file = file;
    if (file.payload === null) return;
    const image = JSON.parse(file.payload.toString('utf8')) as Image;
    this.#total = image.total;
    this.#stretches = image.stretches.map(stretchOf);
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
      const bytes = Buffer.from(JSON.stringify({ total: this.#total, stretches: this.#stretches.map(packed) }));
      if (bytes.length <= this.#file.capacity || this.#stretches.length < 2) {
        this.#file.write(bytes);
        return;
      }
      this.#condense();
    }
  }

  /** Lost stretches of sequence numbers. No record is needed for them any more. */
  *settled(): Generator<readonly [epoch: number, from: number, to: number]> {
    for (const { epoch, fromSeq, toSeq } of this.#stretches) yield [epoch, fromSeq, toSeq];
  }

  /** The last lost instant per (check, target). */
  *instants(): Generator<readonly [check: number, target: number, to: number]> {
    for (const { runs } of this.#stretches)
      for (const { check, target, to } of runs.values()) yield [check, target, to];
  }

  /** All losses to report. From now on these stretches keep their bounds. */
  report(): readonly ReportedDrop[] {
    this.#split();
    return this.#stretches.map((stretch) => {
      stretch.frozen = true;
      return { epoch: stretch.epoch, drop: dropOf(stretch) };
    });
  }

  /** Deletes what the server has confirmed. Returns true where anything was deleted; call `save` then. */
  acknowledge(epoch: number, ranges: readonly (readonly [number, number])[]): boolean {
    const before = this.#stretches.length;
    this.#stretches = this.#stretches.filter(
      (one) => one.epoch !== epoch || !ranges.some(([from, to]) => from <= one.fromSeq && one.toSeq <= to),
    );
    return this.#stretches.length < before;
  }

  #addOne({ epoch, seq, reason, owner, uncertain }: LostRecord): void {
    this.#total += owner?.count ?? 1;
    const last = this.#stretches.at(-1);
    const joins = !uncertain && last !== undefined && !last.frozen && last.epoch === epoch && last.reason === reason;
    let stretch = joins && last.toSeq + 1 === seq ? last : undefined;
    if (stretch === undefined) {
      stretch = { epoch, fromSeq: seq, toSeq: seq, reason, runs: new Map(), unknown: 0, frozen: uncertain };
      this.#stretches.push(stretch);
    }
    stretch.toSeq = seq;
    if (owner === null) stretch.unknown += 1;
    else addRuns(stretch.runs, owner);
  }

  /** Splits each stretch with too many owners into several adjacent ones, each with its share of them. */
  #split(): void {
    this.#stretches = this.#stretches.flatMap((stretch) => {
      const pieces = Math.min(Math.ceil(stretch.runs.size / MAX_RUNS), stretch.toSeq - stretch.fromSeq + 1);
      if (pieces < 2) return [stretch];
      const runs = [...stretch.runs];
      return Array.from({ length: pieces }, (_, i) => ({
        ...stretch,
        fromSeq: stretch.fromSeq + i,
        toSeq: i === pieces - 1 ? stretch.toSeq : stretch.fromSeq + i,
        runs: new Map(runs.slice(i * MAX_RUNS, (i + 1) * MAX_RUNS)),
        unknown: i === 0 ? stretch.unknown : 0,
      }));
    });
  }

  /** Halves the image: the older half keeps only counts, without owners. */
  #condense(): void {
    const half = Math.ceil(this.#stretches.length / 2);
    for (const stretch of this.#stretches.slice(0, half)) {
      for (const { count } of stretch.runs.values()) stretch.unknown += count;
      stretch.runs.clear();
    }
    const joined: Stretch[] = [];
    for (const stretch of this.#stretches) {
      const last = joined.at(-1);
      const same = last !== undefined && last.epoch === stretch.epoch && last.reason === stretch.reason;
      if (same && last.toSeq + 1 === stretch.fromSeq && last.runs.size + stretch.runs.size === 0) {
        last.toSeq = stretch.toSeq;
        last.unknown += stretch.unknown;
      } else joined.push(stretch);
    }
    if (joined.length === this.#stretches.length && half === 1) joined.shift();
    this.#stretches = joined;
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

function dropOf({ fromSeq, toSeq, reason, runs, unknown }: Stretch): Drop {
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

function packed({ epoch, fromSeq, toSeq, reason, unknown, runs }: Stretch): Packed {
  const flat = [...runs.values()].flatMap(({ check, target, count, from, to }) => [check, target, count, from, to]);
  return [epoch, fromSeq, toSeq, reason, unknown, flat];
}

function stretchOf([epoch, fromSeq, toSeq, reason, unknown, flat]: Packed): Stretch {
  const runs = new Map<string, LostRuns>();
  for (let at = 0; at < flat.length; at += 5) {
    const [check = 0, target = 0, count = 0, from = 0, to = 0] = flat.slice(at, at + 5);
    runs.set(`${check}/${target}`, { check, target, count, from, to });
  }
  return { epoch, fromSeq, toSeq, reason, runs, unknown, frozen: true };
}

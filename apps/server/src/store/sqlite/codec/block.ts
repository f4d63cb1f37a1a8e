import { type BlockLayout, keyOfSlot } from './block-rows.ts';
import { ByteReader } from './byte-reader.ts';
import { Formulas } from './formulas.ts';
import {
  type Cell,
  type ColumnSummary,
  cellOf,
  type MetricColumn,
  readColumnSummary,
  readMetricColumn,
} from './metric-column.ts';
import { readNumbers } from './number-column.ts';
import { type Absent, type Draft, type Instances, type Metrics, type Row, type Samples, verdictOf } from './row.ts';
import { readTexts } from './text-list.ts';
import { BLOCK_FORMAT, HAS_INSTANCES, HAS_SAMPLES } from './write-block.ts';

/** Indexes of the columns that every block has, in writing order. */
const FIXED = [
  'at',
  'verdict',
  'epoch',
  'seq',
  'late',
  'took',
  'kernel',
  'process',
  'detail',
  'finding',
  'flags',
  'log',
  'parts',
  'slots',
] as const;
type Fixed = (typeof FIXED)[number];
type SampleLists = readonly (readonly (number | null)[] | undefined)[];

/** A block of rows of one series, oldest first. Each column is decoded at its first access. */
export class Block {
  readonly rows: number;
  readonly #bytes: Buffer;
  readonly #layout: BlockLayout;
  readonly #texts: readonly (string | undefined)[];
  readonly #slots: readonly string[];
  readonly #offsets: readonly number[];
  readonly #fixed = new Map<Fixed, Float64Array>();
  readonly #samples = new Map<string, SampleLists>();
  readonly #columns = new Map<number, MetricColumn>();
  readonly #formulas: Formulas[] = [];

  /** @param layoutText returns a layout's text by its number. */
  constructor(bytes: Buffer, layoutText: (id: number) => string) {
    const input = new ByteReader(bytes);
    if (input.byte() !== BLOCK_FORMAT)
      throw new RangeError('a stored block is of an unknown format: the database is damaged');
    this.#bytes = bytes;
    this.rows = input.varint();
    this.#layout = JSON.parse(layoutText(input.varint())) as BlockLayout;
    this.#texts = readTexts(input);
    const slots: string[] = [];
    for (let left = input.varint(); left > 0; left -= 1) slots.push(this.#texts[input.varint()] ?? '');
    this.#slots = slots;
    const offsets: number[] = [];
    while (!input.done) {
      const size = input.varint();
      offsets.push(input.offset);
      input.skip(size);
    }
    this.#offsets = offsets;
  }

  /** Scheduled instants, epoch ms, ascending. */
  get at(): Float64Array {
    return this.fixed('at');
  }

  /** Codes of verdicts. */
  get verdicts(): Float64Array {
    return this.fixed('verdict');
  }

  /** Whether a row repeats an instant that an earlier run covers. */
  isRepeated(row: number): boolean {
    return this.#texts[this.fixed('flags')[row] ?? 0]?.includes('"repeated"') ?? false;
  }

  fixed(name: Fixed): Float64Array {
    let column = this.#fixed.get(name);
    if (column === undefined) {
      column = readNumbers(this.#column(FIXED.indexOf(name)), this.rows);
      this.#fixed.set(name, column);
    }
    return column;
  }

  /** Slots of the instances of all rows. The first is '', for the result itself. */
  instances(): readonly { readonly slot: number; readonly key: string }[] {
    return [{ slot: -1, key: '' }, ...this.#slots.map((slot, place) => ({ slot: place, key: keyOfSlot(slot) }))];
  }

  /** One metric of the result (slot -1) or of an instance. undefined: no row has it. */
  metric(id: string, slot: number): MetricColumn | undefined {
    const place = this.#placeOf(id, slot);
    return place === undefined ? undefined : this.#metricAt(place, slot);
  }

  summary(id: string, slot: number): ColumnSummary | null {
    const place = this.#placeOf(id, slot);
    return place === undefined ? null : readColumnSummary(this.#column(place), this.rows);
  }

  get sampleIds(): readonly string[] {
    return this.#layout.samples;
  }

  /** Observations of one row. undefined: it has none of that id. */
  samplesIn(id: string, row: number): readonly (number | null)[] | undefined {
    return this.#sampleLists(id)[row];
  }

  row(i: number, key: { check: number; target: number }): Row {
    const number = (name: Fixed): number => this.fixed(name)[i] ?? 0;
    const parsed = (name: Fixed): unknown => {
      const text = this.#texts[number(name)];
      return text === undefined ? undefined : JSON.parse(text);
    };
    const { metrics, absent } = this.#measured(i, -1, this.#layout.metrics);
    const record: Draft = {
      t: 'run',
      seq: number('seq'),
      check: key.check,
      target: key.target,
      at: number('at'),
      late: number('late'),
      took: number('took'),
      verdict: verdictOf(number('verdict')),
      metrics,
      absent,
      stamps: { kernel: number('kernel'), process: number('process') },
    };
    const finding = parsed('finding');
    const flags = parsed('flags');
    const log = parsed('log');
    if (finding !== undefined) record.finding = finding as NonNullable<Draft['finding']>;
    if ((number('parts') & HAS_SAMPLES) !== 0) record.samples = this.#samplesOf(i);
    if ((number('parts') & HAS_INSTANCES) !== 0)
      record.instances = this.#instancesOf(i, (parsed('slots') as string[] | undefined) ?? []);
    if (flags !== undefined) record.flags = flags as NonNullable<Draft['flags']>;
    if (log !== undefined) record.log = log as NonNullable<Draft['log']>;
    return { epoch: number('epoch'), record, detail: number('detail') };
  }

  #column(place: number): ByteReader {
    const offset = this.#offsets[place];
    if (offset === undefined) throw new RangeError(`a stored block has no column ${place}: the database is damaged`);
    return new ByteReader(this.#bytes, offset);
  }

  #placeOf(id: string, slot: number): number | undefined {
    const { samples, metrics, instanceMetrics } = this.#layout;
    const place = (slot < 0 ? metrics : instanceMetrics).indexOf(id);
    if (place < 0) return undefined;
    const first = FIXED.length + samples.length;
    return slot < 0 ? first + place : first + metrics.length + slot * instanceMetrics.length + place;
  }

  #metricAt(place: number, slot: number): MetricColumn {
    let column = this.#columns.get(place);
    if (column === undefined) {
      const isFirst = place === FIXED.length + this.#layout.samples.length;
      const before = (row: number) =>
        slot < 0 && !isFirst ? cellOf(this.#metricAt(place - 1, slot), row).value : undefined;
      column = readMetricColumn(this.#column(place), this.rows, this.#texts, (row) => this.#formulasOf(row), before);
      this.#columns.set(place, column);
    }
    return column;
  }

  #formulasOf(row: number): Formulas {
    let formulas = this.#formulas[row];
    if (formulas === undefined) {
      formulas = new Formulas(this.#samplesOf(row), this.#layout.samples);
      this.#formulas[row] = formulas;
    }
    return formulas;
  }

  #samplesOf(row: number): Samples {
    const samples: Samples = {};
    for (const id of this.#layout.samples) {
      const list = this.#sampleLists(id)[row];
      if (list !== undefined) samples[id] = [...list];
    }
    return samples;
  }

  #sampleLists(id: string): SampleLists {
    let lists = this.#samples.get(id);
    if (lists === undefined) {
      lists = readSampleLists(this.#column(FIXED.length + this.#layout.samples.indexOf(id)), this.rows);
      this.#samples.set(id, lists);
    }
    return lists;
  }

  #measured(row: number, slot: number, ids: readonly string[]): { metrics: Metrics; absent: Absent } {
    const metrics: Metrics = {};
    const absent: Absent = {};
    for (const id of ids) {
      const column = this.metric(id, slot);
      const { value, reason }: Cell = column === undefined ? {} : cellOf(column, row);
      if (value !== undefined) metrics[id] = value;
      else if (reason !== undefined) absent[id] = reason as NonNullable<Absent[string]>;
    }
    return { metrics, absent };
  }

  #instancesOf(row: number, slots: readonly string[]): Instances {
    return slots.map((slot) => ({
      key: keyOfSlot(slot),
      ...this.#measured(row, this.#slots.indexOf(slot), this.#layout.instanceMetrics),
    }));
  }
}

function readSampleLists(input: ByteReader, rows: number): SampleLists {
  const lengths = readNumbers(input, rows);
  let total = 0;
  for (const length of lengths) total += Math.max(0, length - 1);
  const lostCount = input.varint();
  const lost = new Set(lostCount === 0 ? [] : readNumbers(input, lostCount));
  const values = readNumbers(input, total - lostCount);
  let place = 0;
  let next = 0;
  return Array.from(lengths, (length) =>
    length === 0
      ? undefined
      : Array.from({ length: length - 1 }, () => (lost.has(place++) ? null : (values[next++] ?? null))),
  );
}

import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { LayoutBook } from './layouts.ts';
import { readLogRecord, writeLogRecord } from './log-record.ts';
import { isRepeated, type Row } from './row.ts';

/** The first byte of a batch. In the first format a record's number had no flag for a repeated run. */
const FORMAT = 2;
const FORMAT_WITHOUT_MARK = 1;

/** A record's position in a batch, and its fields that can be read without decoding it. */
export interface LogEntry {
  /** Offset of its bytes in the batch. */
  readonly offset: number;
  readonly series: number;
  readonly at: number;
  readonly epoch: number;
  readonly seq: number;
  /** Code of its verdict. */
  readonly verdict: number;
  /** It repeats an instant, so the ledger does not count it. */
  readonly repeated: boolean;
}

/** Collects the records of one commit, each with its length, so that a reader can step from one to the next. */
export class LogBatch {
  readonly #out = new ByteWriter(64 * 1024);
  readonly #record = new ByteWriter(4096);
  readonly #layouts: LayoutBook;
  #rows = 0;
  #fromMs = 0;
  #toMs = 0;
  #at = 0;
  #epoch = 0;

  constructor(layouts: LayoutBook) {
    this.#layouts = layouts;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Earliest and latest scheduled instant of its records, epoch ms. */
  get span(): { readonly fromMs: number; readonly toMs: number } {
    return { fromMs: this.#fromMs, toMs: this.#toMs };
  }

  add(series: number, row: Row): void {
    if (this.#rows === 0) this.#begin(row);
    this.#fromMs = Math.min(this.#fromMs, row.record.at);
    this.#toMs = Math.max(this.#toMs, row.record.at);
    const one = this.#record;
    one.reset();
    one.varint(series);
    one.signed(row.record.at - this.#at);
    one.signed(row.epoch - this.#epoch);
    one.varint(row.record.seq * 2 + (isRepeated(row.record) ? 1 : 0));
    writeLogRecord(one, row, this.#layouts);
    this.#out.varint(one.length);
    this.#out.raw(one.view());
    this.#rows += 1;
  }

  /** Returns the bytes of all records since the last call, and begins a new batch. */
  take(): Buffer {
    const bytes = this.#out.copy();
    this.clear();
    return bytes;
  }

  clear(): void {
    this.#out.reset();
    this.#rows = 0;
  }

  #begin(row: Row): void {
    this.#at = row.record.at;
    this.#fromMs = row.record.at;
    this.#toMs = row.record.at;
    this.#epoch = row.epoch;
    this.#out.byte(FORMAT);
    this.#out.varint(this.#at);
    this.#out.varint(this.#epoch);
  }
}

/** Base values of all records of a batch, and whether they have the flag for a repeated run. */
interface Head {
  readonly at: number;
  readonly epoch: number;
  readonly marked: boolean;
}

function readHead(input: ByteReader): Head {
  const format = input.byte();
  if (format !== FORMAT && format !== FORMAT_WITHOUT_MARK)
    throw new RangeError('a log batch is of an unknown format: the database is damaged');
  return { at: input.varint(), epoch: input.varint(), marked: format === FORMAT };
}

/** Steps over a batch without decoding its records. */
export function skimLog(batch: Buffer, onEntry: (entry: LogEntry) => void): void {
  const input = new ByteReader(batch);
  const base = readHead(input);
  while (!input.done) {
    const offset = input.offset;
    const size = input.varint();
    const end = input.offset + size;
    const entry = readPlace(input, base, offset);
    onEntry(entry);
    input.skip(end - input.offset);
  }
}

function readPlace(input: ByteReader, base: Head, offset: number): LogEntry {
  const series = input.varint();
  const at = base.at + input.signed();
  const epoch = base.epoch + input.signed();
  const number = input.varint();
  const seq = base.marked ? Math.floor(number / 2) : number;
  const repeated = base.marked && number % 2 === 1;
  return { offset, series, at, epoch, seq, repeated, verdict: input.byte() & 3 };
}

/** Decodes the record that begins at an entry's offset. */
export function readLogEntry(
  batch: Buffer,
  offset: number,
  key: { check: number; target: number },
  layouts: LayoutBook,
): Row {
  const base = readHead(new ByteReader(batch));
  const input = new ByteReader(batch, offset);
  input.varint();
  const { at, epoch, seq } = readPlace(input, base, offset);
  input.skip(-1);
  return { epoch, ...readLogRecord(input, { seq, check: key.check, target: key.target, at }, layouts) };
}

/** Copies the records of the wanted series to another batch, without decoding them. */
export function batchOfSeries(batch: Buffer, isWanted: (series: number) => boolean): Buffer {
  const input = new ByteReader(batch);
  readHead(input);
  const parts = [batch.subarray(0, input.offset)];
  let end = input.offset;
  while (!input.done) {
    const from = input.offset;
    const size = input.varint();
    const after = input.offset + size;
    const series = input.varint();
    input.skip(after - input.offset);
    if (!isWanted(series)) continue;
    const last = parts.at(-1);
    if (parts.length > 1 && last !== undefined && end === from)
      parts[parts.length - 1] = batch.subarray(from - last.length, after);
    else parts.push(batch.subarray(from, after));
    end = after;
  }
  return Buffer.concat(parts);
}

/** Decodes the first record of a batch. */
export function readOnlyEntry(batch: Buffer, key: { check: number; target: number }, layouts: LayoutBook): Row {
  const input = new ByteReader(batch);
  readHead(input);
  return readLogEntry(batch, input.offset, key, layouts);
}

import type { MetricValue } from '@netsonde/probes/catalog';
import type { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { Formulas } from './formulas.ts';
import { readNumber, writeNumber } from './number-code.ts';
import { readNumbers, writeNumbers } from './number-column.ts';
import type { TextList } from './text-list.ts';

/** What a row has of a metric; from ABSENT on, the rest is the place of the reason's text. */
export const MISSING = 0;
export const NUMBER = 1;
const FALSE = 2;
const TRUE = 3;
const TEXT = 4;
export const ABSENT = 5;

const PLAIN = 0;
const FORMULA = 1;
const WITH_SUMMARY = 16;

/** One row of a column to write: a value, an absence with its reason, or neither. */
export interface Cell {
  readonly value?: MetricValue;
  readonly reason?: string;
}

/** Count, sum and extremes of the numbers of a column, so that a wide chart need not decode them. */
export interface ColumnSummary {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/** A decoded column: `numbers` holds NaN where the state is not NUMBER. */
export interface MetricColumn {
  readonly states: Float64Array;
  readonly numbers: Float64Array;
  readonly texts: readonly (string | undefined)[];
}

/** Values of the columns before, per row, for formulas that read another metric. */
export type ValueBefore = (row: number) => MetricValue | undefined;

export function writeMetricColumn(
  cells: readonly Cell[],
  texts: TextList,
  formulas: readonly Formulas[],
  before: ValueBefore,
  summaries: boolean,
): Buffer {
  const out = new ByteWriter(256);
  writeNumbers(
    out,
    Float64Array.from(cells, (cell) => stateOf(cell, texts)),
  );
  const rows: number[] = [];
  const words: number[] = [];
  cells.forEach(({ value }, row) => {
    if (typeof value === 'number') rows.push(row);
    if (typeof value === 'string') words.push(texts.placeOf(value));
  });
  if (words.length > 0) writeNumbers(out, Float64Array.from(words));
  if (rows.length > 0)
    writeNumberCells(
      out,
      rows,
      Float64Array.from(rows, (row) => cells[row]?.value as number),
      formulas,
      before,
      summaries,
    );
  return out.copy();
}

function stateOf({ value, reason }: Cell, texts: TextList): number {
  if (typeof value === 'number') return NUMBER;
  if (typeof value === 'boolean') return value ? TRUE : FALSE;
  if (typeof value === 'string') return TEXT;
  return reason === undefined ? MISSING : ABSENT + texts.placeOf(reason);
}

function writeNumberCells(
  out: ByteWriter,
  rows: readonly number[],
  values: Float64Array,
  formulas: readonly Formulas[],
  before: ValueBefore,
  summaries: boolean,
): void {
  const plain = new ByteWriter(values.length * 8 + 64);
  writeNumbers(plain, values);
  const isLong = plain.length > 8;
  const summary = isLong && summaries ? WITH_SUMMARY : 0;
  const predicted = !isLong ? null : predictedForm(rows, values, formulas, before);
  const formula = predicted !== null && predicted.length < plain.length;
  out.byte((formula ? FORMULA : PLAIN) + summary);
  if (summary > 0) writeSummary(out, values);
  out.raw((formula ? predicted : plain).view());
}

/** The column as a formula and the few rows that it does not give; null where no formula gives most of them. */
function predictedForm(
  rows: readonly number[],
  values: Float64Array,
  formulas: readonly Formulas[],
  before: ValueBefore,
): ByteWriter | null {
  const formula = commonFormula(rows, values, formulas, before);
  if (formula === null) return null;
  const apart: number[] = [];
  rows.forEach((row, i) => {
    if (!formulas[row]?.gives(formula, values[i] ?? 0, before(row))) apart.push(i);
  });
  const out = new ByteWriter(64);
  out.varint(formula);
  out.varint(apart.length);
  for (const i of apart) {
    out.varint(i);
    out.double(values[i] ?? 0);
  }
  return out;
}

function commonFormula(
  rows: readonly number[],
  values: Float64Array,
  formulas: readonly Formulas[],
  before: ValueBefore,
): number | null {
  const tries = Math.min(rows.length, 4);
  for (let i = 0; i < tries; i += 1) {
    const row = rows[i] ?? 0;
    const found = formulas[row]?.find(values[i] ?? 0, before(row)) ?? null;
    const next = rows[i + 1];
    if (found !== null && (next === undefined || formulas[next]?.gives(found, values[i + 1] ?? 0, before(next))))
      return found;
  }
  return null;
}

function writeSummary(out: ByteWriter, values: Float64Array): void {
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  out.double(sum);
  writeNumber(out, min);
  writeNumber(out, max);
}

/** Reads a whole column. */
export function readMetricColumn(
  input: ByteReader,
  count: number,
  texts: readonly (string | undefined)[],
  formulas: (row: number) => Formulas,
  before: ValueBefore,
): MetricColumn {
  const { states, rows, words } = readStates(input, count);
  const places = words === 0 ? new Float64Array(0) : readNumbers(input, words);
  const numbers = new Float64Array(count).fill(Number.NaN);
  if (rows.length > 0) readNumberCells(input, rows, numbers, formulas, before);
  let word = 0;
  const textOf = Array.from(states, (state) =>
    state === TEXT ? texts[places[word++] ?? 0] : state >= ABSENT ? texts[state - ABSENT] : undefined,
  );
  return { states, numbers, texts: textOf };
}

/** The summary of a column without decoding it; null where it must be decoded (it is short then, or has no numbers). */
export function readColumnSummary(input: ByteReader, count: number): ColumnSummary | null {
  const { states, rows, words } = readStates(input, count);
  if (rows.length === 0 || states.some((state) => state >= ABSENT)) return null;
  if (words > 0) readNumbers(input, words);
  if ((input.byte() & WITH_SUMMARY) === 0) return null;
  return { count: rows.length, sum: input.double(), min: readNumber(input), max: readNumber(input) };
}

function readStates(input: ByteReader, count: number): { states: Float64Array; rows: number[]; words: number } {
  const states = readNumbers(input, count);
  const rows: number[] = [];
  let words = 0;
  for (let row = 0; row < count; row += 1) {
    if (states[row] === NUMBER) rows.push(row);
    else if (states[row] === TEXT) words += 1;
  }
  return { states, rows, words };
}

function readNumberCells(
  input: ByteReader,
  rows: readonly number[],
  numbers: Float64Array,
  formulas: (row: number) => Formulas,
  before: ValueBefore,
): void {
  const form = input.byte();
  if ((form & WITH_SUMMARY) !== 0) {
    input.double();
    readNumber(input);
    readNumber(input);
  }
  if ((form & 15) === PLAIN) {
    const values = readNumbers(input, rows.length);
    rows.forEach((row, i) => {
      numbers[row] = values[i] ?? Number.NaN;
    });
    return;
  }
  const formula = input.varint();
  const apart = new Map<number, number>();
  for (let left = input.varint(); left > 0; left -= 1) {
    const place = input.varint();
    apart.set(place, input.double());
  }
  rows.forEach((row, i) => {
    numbers[row] = apart.get(i) ?? formulas(row).value(formula, before(row));
  });
}

/** What the column says of one row. */
export function cellOf(column: MetricColumn, row: number): Cell {
  const state = column.states[row] ?? MISSING;
  if (state === NUMBER) return { value: column.numbers[row] ?? Number.NaN };
  if (state === TRUE || state === FALSE) return { value: state === TRUE };
  const text = column.texts[row];
  if (text === undefined) return {};
  return state === TEXT ? { value: text } : { reason: text };
}

import { crc32 } from 'node:zlib';

/** Whose row a check belongs to. The codes are part of the files' format: never reordered. */
const KINDS = [
  'log',
  'detail',
  'received',
  'series',
  'layout',
  'meta',
  'loss',
  'purge',
  'rows',
  'rollup',
  'block_head',
  'rollup_head',
  'newest',
  'retired',
  'fold',
  'fold_epoch',
  'damage',
  'arrival',
  'refused',
  'refused_due',
  'unplanned',
  'unplanned_total',
] as const;
export type RowKind = (typeof KINDS)[number];

const CODE_OF = new Map<RowKind, number>(KINDS.map((kind, code) => [kind, code]));
const MOST_NUMBERS = 16;
const numbers = new Float64Array(MOST_NUMBERS + 1);
const bytes = new Uint8Array(numbers.buffer);

/**
 * CRC-32 over a row's kind, its key, its other columns and its bytes, as a signed 32-bit number: SQLite keeps that in
 * four bytes. It finds each single flipped bit, and each burst of up to 32. A row that is read under the key of another
 * fails it too.
 * @param columns key first; null for NULL.
 */
export function rowCheck(
  kind: RowKind,
  columns: readonly (number | null)[],
  ...data: readonly (Uint8Array | string)[]
): number {
  numbers[0] = CODE_OF.get(kind) ?? -1;
  for (let i = 0; i < columns.length; i += 1) numbers[i + 1] = columns[i] ?? Number.NaN;
  let check = crc32(bytes.subarray(0, 8 * (columns.length + 1)));
  for (const part of data) check = crc32(part, check);
  return check | 0;
}

/** Kinds whose data are texts; those of the others are bytes. */
const OF_TEXT: ReadonlySet<RowKind> = new Set([
  'layout',
  'meta',
  'loss',
  'damage',
  'refused',
  'refused_due',
  'unplanned',
]);

/**
 * Whether a row is as it was written; one from before there were checks (null) is taken as it is. A flip in a record's
 * header can change a value's type and leave its bytes: a text is then read as bytes, and a number as anything.
 */
export const isIntact = (
  stored: number | null,
  kind: RowKind,
  columns: readonly (number | null)[],
  ...data: readonly (Uint8Array | string)[]
): boolean =>
  stored === null ||
  (columns.every((value) => value === null || typeof value === 'number') &&
    data.every((part) => (OF_TEXT.has(kind) ? typeof part === 'string' : part instanceof Uint8Array)) &&
    stored === rowCheck(kind, columns, ...data));

/**
 * The check of a row that is added to. A damaged row stays damaged: what it counted before is not known any more.
 * @param wasIntact whether the row was intact before; true for a new one.
 */
export function checkOfGrown(
  wasIntact: boolean,
  kind: RowKind,
  columns: readonly (number | null)[],
  ...data: readonly (Uint8Array | string)[]
): number {
  const check = rowCheck(kind, columns, ...data);
  return wasIntact ? check : ~check;
}

import type { Catalog, MetricDescriptor } from '@netsonde/probes/catalog';
import type { Result } from '@netsonde/protocol/api';

type Cell = string | number | boolean | null | undefined;

/** Display names of a test and its checks. */
export interface CsvNames {
  readonly test: string;
  /** By the check's id. */
  readonly checks: ReadonlyMap<number, string>;
}

interface Column {
  readonly name: string;
  readonly cell: (result: Result) => Cell;
}

/** Columns of a result table for these probes: the common fields, then each metric and sample by its id. */
export function csvColumns(catalog: Catalog, probes: readonly string[], names: CsvNames): readonly Column[] {
  const descriptors = [...new Set(probes)].flatMap((probe) => catalog[probe] ?? []);
  const metrics = idsOf(descriptors.flatMap((descriptor) => descriptor.metrics));
  const samples = idsOf(descriptors.flatMap((descriptor) => descriptor.samples));
  const instances = descriptors.some(({ instance }) => instance !== null);
  return [
    ...FIXED,
    ...metrics.map((id) => ({ name: id, cell: ({ metrics: measured }: Result) => plain(measured[id], id) })),
    { name: 'absent', cell: ({ absent }) => pairs(absent) },
    ...samples.map((id) => ({ name: id, cell: ({ samples: kept }: Result) => jsonOrNothing(kept?.[id], id) })),
    ...(instances ? [{ name: 'instances', cell: ({ instances: kept }: Result) => jsonOrNothing(kept, '') }] : []),
    { name: 'test_name', cell: () => names.test },
    { name: 'check_name', cell: ({ check }) => names.checks.get(check) },
  ];
}

const FIXED: readonly Column[] = [
  { name: 'at', cell: ({ at }) => at },
  { name: 'agent', cell: ({ agent }) => agent },
  { name: 'agent_name', cell: ({ agentName }) => agentName },
  { name: 'test', cell: ({ test }) => test },
  { name: 'check', cell: ({ check }) => check },
  { name: 'probe', cell: ({ probe }) => probe },
  { name: 'target', cell: ({ target }) => target },
  { name: 'address', cell: ({ address }) => address },
  { name: 'verdict', cell: ({ verdict }) => verdict },
  { name: 'cause', cell: ({ finding }) => finding?.cause },
  { name: 'side', cell: ({ finding }) => finding?.side },
  { name: 'operation', cell: ({ finding }) => finding?.operation },
  { name: 'late_ms', cell: ({ late }) => plain(late, 'late_ms') },
  { name: 'took_ms', cell: ({ took }) => plain(took, 'took_ms') },
  { name: 'stamps_kernel', cell: ({ stamps }) => stamps.kernel },
  { name: 'stamps_process', cell: ({ stamps }) => stamps.process },
  { name: 'flags', cell: ({ flags }) => (flags ?? []).join(' ') },
  { name: 'epoch', cell: ({ epoch }) => epoch },
  { name: 'seq', cell: ({ seq }) => seq },
];

/** One line of CSV (RFC 4180), including its line end. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** Matches a cell or a line of it that begins like a formula. Spreadsheets treat full-width characters like plain ones. */
const FORMULA_STARTS = /(^|[\r\n])(?=[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])/g;

/** Prefixes an apostrophe to text that a spreadsheet would run as a formula. Numbers stay numbers. */
function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = cell.replace(FORMULA_STARTS, "$1'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const idsOf = (named: readonly Pick<MetricDescriptor, 'id'>[]): readonly string[] => [
  ...new Set(named.map(({ id }) => id)),
];
/** Significant digits of a measurement, and decimals of a time in ms: no clock resolves less than 1 ns. */
const MOST_DIGITS = 12;
const MS_DECIMALS = 6;

/** Rounds away binary noise, as in 0.30000000000000004. Whole numbers are returned unchanged. */
function plainNumber(value: number, column: string): number {
  if (Number.isInteger(value)) return value;
  return Number((column.endsWith('_ms') ? Number(value.toFixed(MS_DECIMALS)) : value).toPrecision(MOST_DIGITS));
}

const plain = <Value extends Cell>(value: Value, column: string): Value | number =>
  typeof value === 'number' ? plainNumber(value, column) : value;

/** Samples are of one metric; of instances each value has its own metric's id. */
const jsonOrNothing = (value: unknown, column: string): string | undefined =>
  value === undefined
    ? undefined
    : JSON.stringify(value, (key, part: unknown) =>
        typeof part === 'number' ? plainNumber(part, column || key) : part,
      );

const pairs = (record: Readonly<Record<string, string>>): string =>
  Object.entries(record)
    .map(([id, reason]) => `${id}=${reason}`)
    .join(' ');

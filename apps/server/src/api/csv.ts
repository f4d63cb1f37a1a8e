import type { Catalog, MetricDescriptor } from '@netsonde/probes/catalog';
import type { Result } from '@netsonde/protocol/api';

type Cell = string | number | boolean | null | undefined;

interface Column {
  readonly name: string;
  readonly cell: (result: Result) => Cell;
}

/** Columns of a table of results of these probes: what every result has, then each metric and sample by its id. */
export function csvColumns(catalog: Catalog, probes: readonly string[]): readonly Column[] {
  const descriptors = [...new Set(probes)].flatMap((probe) => catalog[probe] ?? []);
  const metrics = idsOf(descriptors.flatMap((descriptor) => descriptor.metrics));
  const samples = idsOf(descriptors.flatMap((descriptor) => descriptor.samples));
  const instances = descriptors.some(({ instance }) => instance !== null);
  return [
    ...FIXED,
    ...metrics.map((id) => ({ name: id, cell: ({ metrics: measured }: Result) => measured[id] })),
    { name: 'absent', cell: ({ absent }) => pairs(absent) },
    ...samples.map((id) => ({ name: id, cell: ({ samples: kept }: Result) => jsonOrNothing(kept?.[id]) })),
    ...(instances ? [{ name: 'instances', cell: ({ instances: kept }: Result) => jsonOrNothing(kept) }] : []),
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
  { name: 'late_ms', cell: ({ late }) => late },
  { name: 'took_ms', cell: ({ took }) => took },
  { name: 'stamps_kernel', cell: ({ stamps }) => stamps.kernel },
  { name: 'stamps_process', cell: ({ stamps }) => stamps.process },
  { name: 'flags', cell: ({ flags }) => (flags ?? []).join(' ') },
  { name: 'epoch', cell: ({ epoch }) => epoch },
  { name: 'seq', cell: ({ seq }) => seq },
];

/** One line of CSV (RFC 4180), its end included. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** A text that a spreadsheet would take for a formula is led by an apostrophe; numbers stay numbers. */
function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const idsOf = (named: readonly Pick<MetricDescriptor, 'id'>[]): readonly string[] => [
  ...new Set(named.map(({ id }) => id)),
];
const jsonOrNothing = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value));
const pairs = (record: Readonly<Record<string, string>>): string =>
  Object.entries(record)
    .map(([id, reason]) => `${id}=${reason}`)
    .join(' ');

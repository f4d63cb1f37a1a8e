import { allSlots, type BlockLayout, cellIn, layoutOf, slotsOf } from './block-rows.ts';
import { ByteWriter } from './byte-writer.ts';
import { Formulas } from './formulas.ts';
import { type Cell, writeMetricColumn } from './metric-column.ts';
import { writeNumbers } from './number-column.ts';
import { type Row, verdictCode } from './row.ts';
import { TextList } from './text-list.ts';

export const BLOCK_FORMAT = 1;
export const HAS_SAMPLES = 1;
export const HAS_INSTANCES = 2;

export interface BlockOptions {
  /** Whether long columns carry count, sum and extremes, for wide charts. */
  readonly summaries?: boolean;
}

/**
 * Packs rows of one series, oldest first, into columns. Every value comes back exactly as it was.
 * @param layoutId gives the number of a layout text.
 */
export function writeBlock(
  rows: readonly Row[],
  layoutId: (json: string) => number,
  { summaries = true }: BlockOptions = {},
): Buffer {
  const layout = layoutOf(rows);
  const texts = new TextList();
  const columns = [
    ...fixedColumns(rows, texts),
    ...sampleColumns(rows, layout),
    ...metricColumns(rows, layout, texts, summaries),
  ];
  const slots = allSlots(rows);
  const slotPlaces = slots.map((slot) => texts.placeOf(slot));
  columns.push(...instanceColumns(rows, layout, slots, texts, summaries));
  const out = new ByteWriter(4096);
  out.byte(BLOCK_FORMAT);
  out.varint(rows.length);
  out.varint(layoutId(JSON.stringify(layout)));
  texts.write(out);
  out.varint(slotPlaces.length);
  for (const place of slotPlaces) out.varint(place);
  for (const column of columns) {
    out.varint(column.length);
    out.raw(column);
  }
  return out.copy();
}

function numbersOf(rows: readonly Row[], pick: (row: Row) => number): Buffer {
  const out = new ByteWriter(256);
  writeNumbers(out, Float64Array.from(rows, pick));
  return out.copy();
}

function fixedColumns(rows: readonly Row[], texts: TextList): Buffer[] {
  const jsonPlace = (value: unknown) => texts.placeOf(value === undefined ? undefined : JSON.stringify(value));
  return [
    numbersOf(rows, ({ record }) => record.at),
    numbersOf(rows, ({ record }) => verdictCode(record.verdict)),
    numbersOf(rows, ({ epoch }) => epoch),
    numbersOf(rows, ({ record }) => record.seq),
    numbersOf(rows, ({ record }) => record.late),
    numbersOf(rows, ({ record }) => record.took),
    numbersOf(rows, ({ record }) => record.stamps.kernel),
    numbersOf(rows, ({ record }) => record.stamps.process),
    numbersOf(rows, ({ detail }) => detail),
    numbersOf(rows, ({ record }) => jsonPlace(record.finding)),
    numbersOf(rows, ({ record }) => jsonPlace(record.flags)),
    numbersOf(rows, ({ record }) => jsonPlace(record.log)),
    numbersOf(
      rows,
      ({ record }) =>
        (record.samples === undefined ? 0 : HAS_SAMPLES) + (record.instances === undefined ? 0 : HAS_INSTANCES),
    ),
    numbersOf(rows, ({ record }) =>
      texts.placeOf(record.instances === undefined ? undefined : JSON.stringify(slotsOf(record.instances))),
    ),
  ];
}

/** Of each sample id: lengths (0: not there, else length + 1), which are null, and all values in one line. */
function sampleColumns(rows: readonly Row[], layout: BlockLayout): Buffer[] {
  return layout.samples.map((id) => {
    const out = new ByteWriter(2048);
    const lists = rows.map(({ record }) =>
      record.samples !== undefined && Object.hasOwn(record.samples, id) ? record.samples[id] : undefined,
    );
    writeNumbers(
      out,
      Float64Array.from(lists, (list) => (list === undefined ? 0 : list.length + 1)),
    );
    const all = lists.flatMap((list) => list ?? []);
    const lost = all.flatMap((value, place) => (value === null ? [place] : []));
    out.varint(lost.length);
    if (lost.length > 0) writeNumbers(out, Float64Array.from(lost));
    writeNumbers(out, Float64Array.from(all.filter((value) => value !== null)));
    return out.copy();
  });
}

function metricColumns(rows: readonly Row[], layout: BlockLayout, texts: TextList, summaries: boolean): Buffer[] {
  const formulas = rows.map(({ record }) => new Formulas(record.samples, layout.samples));
  let cellsBefore: readonly Cell[] = [];
  return layout.metrics.map((id) => {
    const cells = rows.map(({ record }) => cellIn(record, id));
    const previous = cellsBefore;
    cellsBefore = cells;
    return writeMetricColumn(cells, texts, formulas, (row) => previous[row]?.value, summaries);
  });
}

function instanceColumns(
  rows: readonly Row[],
  layout: BlockLayout,
  slots: readonly string[],
  texts: TextList,
  summaries: boolean,
): Buffer[] {
  if (slots.length === 0) return [];
  const none = rows.map(() => new Formulas(undefined, []));
  const bySlot = rows.map(({ record }) => {
    const names = slotsOf(record.instances ?? []);
    return new Map((record.instances ?? []).map((instance, i) => [names[i] ?? '', instance]));
  });
  return slots.flatMap((slot) =>
    layout.instanceMetrics.map((id) =>
      writeMetricColumn(
        bySlot.map((of) => cellIn(of.get(slot), id)),
        texts,
        none,
        () => undefined,
        summaries,
      ),
    ),
  );
}

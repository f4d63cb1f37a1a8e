import type { SeriesLine, SeriesQuestion } from '../../result-store.ts';
import type { Block } from '../codec/block.ts';
import { type Cell, cellOf } from '../codec/metric-column.ts';
import { type Row, verdictCode } from '../codec/row.ts';
import { type Grid, LineBuilder } from './line.ts';
import type { IndexedRecord } from './log-index.ts';
import type { BlockHead, Series, Snapshot } from './snapshot.ts';

/** A chart's lines: each result where they are few enough, else buckets of mean, min and max, aligned to their width. */
export function seriesLines(
  snapshot: Snapshot,
  question: SeriesQuestion,
): { bucketMs: number | null; lines: readonly SeriesLine[] } {
  const { fromMs, toMs } = question;
  const series = snapshot.seriesOf(question);
  const heads = bySeries(snapshot.heads(series, fromMs, toMs));
  const grid = gridFor(snapshot, question, series, heads);
  const readers = new Map(series.map((one) => [one.id, new SeriesReader(snapshot, question, grid, one)]));
  for (const [id, reader] of readers) for (const head of heads.get(id) ?? []) reader.addBlock(head);
  const recent = series.flatMap(({ id }) => snapshot.recent(id, fromMs, toMs)).sort((a, b) => a.batch - b.batch);
  for (const record of recent) readers.get(record.series)?.addRecent(record);
  return { bucketMs: grid.bucketMs, lines: [...readers.values()].flatMap((reader) => reader.lines()) };
}

function bySeries(heads: readonly BlockHead[]): ReadonlyMap<number, readonly BlockHead[]> {
  const groups = new Map<number, BlockHead[]>();
  for (const head of heads) {
    const group = groups.get(head.series);
    if (group === undefined) groups.set(head.series, [head]);
    else group.push(head);
  }
  return groups;
}

/** Buckets as soon as one series has more results in the window than points were asked for. */
function gridFor(
  snapshot: Snapshot,
  { fromMs, toMs, points }: SeriesQuestion,
  series: readonly Series[],
  heads: ReadonlyMap<number, readonly BlockHead[]>,
): Grid {
  const tooMany = series.some(({ id }) => {
    let rows = snapshot.recent(id, fromMs, toMs).length;
    for (const head of heads.get(id) ?? []) {
      if (rows > points) break;
      rows += rowsWithin(snapshot, head, fromMs, toMs);
    }
    return rows > points;
  });
  return { bucketMs: tooMany ? Math.max(1, Math.ceil((toMs - fromMs) / Math.max(1, points - 1))) : null };
}

/** Rows of a block in [fromMs, toMs); the block is opened only where it reaches over an end. */
export function rowsWithin(
  snapshot: Snapshot,
  { fromMs: first, toMs: last, rows, block }: BlockHead,
  fromMs: number,
  toMs: number,
): number {
  if (first >= fromMs && last < toMs) return rows;
  return snapshot.block(block).at.filter((at) => at >= fromMs && at < toMs).length;
}

class SeriesReader {
  readonly #snapshot: Snapshot;
  readonly #question: SeriesQuestion;
  readonly #grid: Grid;
  readonly #series: Series;
  readonly #lines = new Map<string, LineBuilder>();
  readonly #verdict: number | null;

  constructor(snapshot: Snapshot, question: SeriesQuestion, grid: Grid, series: Series) {
    this.#snapshot = snapshot;
    this.#question = question;
    this.#grid = grid;
    this.#series = series;
    this.#verdict = question.verdict === undefined ? null : verdictCode(question.verdict);
  }

  lines(): readonly SeriesLine[] {
    return [...this.#lines.values()].map((line) => line.build());
  }

  addRecent(record: IndexedRecord): void {
    if (this.#verdict === null || record.verdict === this.#verdict) this.#addRow(this.#snapshot.row(record));
  }

  addBlock(head: BlockHead): void {
    if (this.#verdict !== null && (head.verdicts & (1 << this.#verdict)) === 0) return;
    const block = this.#snapshot.block(head.block);
    for (const { slot, key } of block.instances())
      if (!this.#addSummary(head, block, slot, key)) this.#addColumn(block, slot, key);
  }

  /** A block that lies in one bucket, of one verdict, and lacks nothing needs no decoding. */
  #addSummary({ fromMs, toMs, verdicts }: BlockHead, block: Block, slot: number, key: string): boolean {
    const width = this.#grid.bucketMs;
    if (width === null || Math.floor(fromMs / width) !== Math.floor(toMs / width)) return false;
    if (fromMs < this.#question.fromMs || toMs >= this.#question.toMs || (verdicts & (verdicts - 1)) !== 0)
      return false;
    const summary = block.summary(this.#question.metric, slot);
    if (summary === null) return false;
    this.#line(key).merge(fromMs, { ...summary, verdict: 31 - Math.clz32(verdicts) });
    return true;
  }

  #addColumn(block: Block, slot: number, key: string): void {
    const column = block.metric(this.#question.metric, slot);
    if (column === undefined) return;
    const { fromMs, toMs } = this.#question;
    const { at, verdicts } = block;
    for (let row = 0; row < block.rows; row += 1) {
      const instant = at[row] ?? 0;
      const verdict = verdicts[row] ?? 0;
      if (instant < fromMs || instant >= toMs || (this.#verdict !== null && verdict !== this.#verdict)) continue;
      this.#addCell(key, instant, verdict, cellOf(column, row));
    }
  }

  #addRow({ record }: Row): void {
    const verdict = verdictCode(record.verdict);
    for (const { key, metrics, absent } of [{ key: '', ...record }, ...(record.instances ?? [])])
      this.#addCell(key, record.at, verdict, cellFrom(metrics, absent, this.#question.metric));
  }

  #addCell(key: string, at: number, verdict: number, { value, reason }: Cell): void {
    if (value === undefined && reason === undefined) return;
    if (typeof value === 'string') return;
    this.#line(key).add(at, typeof value === 'boolean' ? Number(value) : (value ?? null), verdict, reason);
  }

  #line(key: string): LineBuilder {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = new LineBuilder(this.#series, key, this.#grid);
      this.#lines.set(key, line);
    }
    return line;
  }
}

function cellFrom(metrics: Row['record']['metrics'], absent: Row['record']['absent'], id: string): Cell {
  const value = Object.hasOwn(metrics, id) ? metrics[id] : undefined;
  if (value !== undefined) return { value };
  const reason = Object.hasOwn(absent, id) ? absent[id] : undefined;
  return reason === undefined ? {} : { reason };
}

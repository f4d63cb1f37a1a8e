import type { SeriesAnswer, SeriesQuestion } from '../../result-store.ts';
import type { BlockHead } from '../blocks/block-head.ts';
import type { Block } from '../codec/block.ts';
import { type Cell, cellOf } from '../codec/metric-column.ts';
import { type Row, verdictCode } from '../codec/row.ts';
import type { SeriesRow } from '../intake/series-table.ts';
import { type Bucket, numberOf, samplesId } from '../rollup/bucket.ts';
import { type Level, widthOf } from '../rollup/levels.ts';
import type { PieceHead } from '../rollup/rollup-store.ts';
import { type ChartPlan, planChart } from './grid.ts';
import { LEVEL_NAMES, LineBuilder } from './line.ts';
import type { IndexedRecord } from './log-index.ts';
import type { Snapshot } from './snapshot.ts';

/** Most lines of an answer, and most points of all its lines together. */
const MOST_LINES = 500;
const MOST_POINTS = 200_000;

/** A chart's lines: single results if they are few enough, else buckets of mean, min and max, aligned to their width. */
export function seriesLines(snapshot: Snapshot, question: SeriesQuestion): SeriesAnswer {
  const all = snapshot.seriesOf(question);
  const series = all.slice(0, MOST_LINES);
  const points = Math.max(2, Math.min(question.points, Math.floor(MOST_POINTS / Math.max(1, series.length))));
  const plan = planChart(snapshot, { ...question, points }, series);
  const lines = linesOf(snapshot, question, plan, series);
  const isCapped = series.length < all.length || lines.length > MOST_LINES || points < question.points;
  return {
    bucketMs: plan.grid.bucketMs,
    level: LEVEL_NAMES[plan.grid.level],
    retiredBeforeMs: plan.retiredBeforeMs,
    capped: isCapped ? { series: all.length, lines: Math.min(lines.length, MOST_LINES), points } : null,
    lines: lines.slice(0, MOST_LINES).map((line) => line.build()),
  };
}

/** Results before the horizon are in rollups. Late ones that are not yet in any are summed up here. */
function linesOf(
  snapshot: Snapshot,
  question: SeriesQuestion,
  plan: ChartPlan,
  series: readonly SeriesRow[],
): readonly LineBuilder[] {
  const readers = new Map(series.map((one) => [one.id, new SeriesReader(snapshot, question, plan, one)]));
  const { fromMs, toMs, grid } = plan;
  if (grid.level > 0)
    for (const piece of snapshot.pieces(series, fromMs, toMs, grid.level || 1))
      readers.get(piece.series)?.addPiece(piece);
  for (const head of snapshot.heads(series, fromMs, toMs, grid.level || null))
    if (head.toMs >= snapshot.horizons[0] || head.rolled === 0) readers.get(head.series)?.addBlock(head);
  const recent = series.flatMap(({ id }) => snapshot.recent(id, fromMs, toMs)).sort((a, b) => a.batch - b.batch);
  for (const record of recent) readers.get(record.series)?.addRecent(record);
  return [...readers.values()].flatMap((reader) => reader.lines());
}

class SeriesReader {
  readonly #snapshot: Snapshot;
  readonly #metric: string;
  readonly #plan: ChartPlan;
  /** Results before it are expired, and rollups replace them. */
  readonly #retiredMs: number;
  readonly #series: SeriesRow;
  readonly #lines = new Map<string, LineBuilder>();
  readonly #verdict: number | null;

  constructor(snapshot: Snapshot, { metric, verdict }: SeriesQuestion, plan: ChartPlan, series: SeriesRow) {
    this.#snapshot = snapshot;
    this.#metric = metric;
    this.#plan = plan;
    this.#retiredMs = snapshot.horizons[0];
    this.#series = series;
    this.#verdict = verdict === undefined ? null : verdictCode(verdict);
  }

  lines(): readonly LineBuilder[] {
    return [...this.#lines.values()];
  }

  addRecent(record: IndexedRecord): void {
    if (this.#verdict !== null && record.verdict !== this.#verdict) return;
    const row = this.#snapshot.row(record);
    if (row !== null) this.#addRow(row);
  }

  /** Buckets of a coarser level than the chart's are used only for expired results. Otherwise the results are read. */
  addPiece(piece: PieceHead): void {
    for (const bucket of this.#snapshot.bucketsOf(piece)) this.#addBucket(bucket, piece.level);
  }

  #addBucket({ at, verdicts, cells }: Bucket, level: Level): void {
    const { fromMs, toMs, grid } = this.#plan;
    const untilMs = level > grid.level ? Math.min(toMs, this.#retiredMs) : toMs;
    if (at + widthOf(level) <= fromMs || at >= untilMs) return;
    for (const [key, tallies] of cells) {
      const tally = tallies.get(this.#metric);
      if (tally !== undefined) this.#line(key).addBucket(at, tally, verdicts, level);
    }
  }

  addBlock(head: BlockHead): void {
    if (this.#verdict !== null && (head.verdicts & (1 << this.#verdict)) === 0) return;
    this.#snapshot.inBlock(head, undefined, (block) => {
      for (const { slot, key } of block.instances())
        if (!this.#addSummary(head, block, slot, key)) this.#addColumn(block, slot, key);
      this.#addSamples(block);
    });
  }

  /** A block needs no decoding if it lies in one bucket, has one verdict, and has no absences. */
  #addSummary({ fromMs, toMs, verdicts }: BlockHead, block: Block, slot: number, key: string): boolean {
    const { bucketMs: width, percentiles } = this.#plan.grid;
    if (width === null || percentiles.length > 0 || Math.floor(fromMs / width) !== Math.floor(toMs / width))
      return false;
    if (fromMs < this.#plan.fromMs || toMs >= this.#plan.toMs || (verdicts & (verdicts - 1)) !== 0) return false;
    const summary = block.summary(this.#metric, slot);
    if (summary === null) return false;
    this.#line(key).addSummary(fromMs, summary, 31 - Math.clz32(verdicts));
    return true;
  }

  #addColumn(block: Block, slot: number, key: string): void {
    const column = block.metric(this.#metric, slot);
    if (column === undefined) return;
    this.#eachRow(block, (row, at, verdict) => this.#addCell(key, at, verdict, cellOf(column, row)));
  }

  #addSamples(block: Block): void {
    for (const id of block.sampleIds)
      if (samplesId(id) === this.#metric)
        this.#eachRow(block, (row, at, verdict) => this.#addObservations(at, verdict, block.samplesIn(id, row)));
  }

  #eachRow(block: Block, visit: (row: number, at: number, verdict: number) => void): void {
    const { at, verdicts } = block;
    for (let row = 0; row < block.rows; row += 1) {
      const instant = at[row] ?? 0;
      const verdict = verdicts[row] ?? 0;
      if (instant < this.#plan.fromMs || instant >= this.#plan.toMs) continue;
      if (this.#verdict === null || verdict === this.#verdict) visit(row, instant, verdict);
    }
  }

  #addRow({ record }: Row): void {
    const verdict = verdictCode(record.verdict);
    for (const { key, metrics, absent } of [{ key: '', ...record }, ...(record.instances ?? [])])
      this.#addCell(key, record.at, verdict, cellFrom(metrics, absent, this.#metric));
    for (const id in record.samples)
      if (samplesId(id) === this.#metric) this.#addObservations(record.at, verdict, record.samples[id]);
  }

  #addObservations(at: number, verdict: number, observations: readonly (number | null)[] = []): void {
    for (const value of observations) if (value !== null) this.#line('').add(at, value, verdict);
  }

  #addCell(key: string, at: number, verdict: number, { value, reason }: Cell): void {
    if (value === undefined && reason === undefined) return;
    if (typeof value === 'string') return;
    this.#line(key).add(at, numberOf(value), verdict, reason);
  }

  #line(key: string): LineBuilder {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = new LineBuilder(this.#series, key, this.#plan.grid);
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

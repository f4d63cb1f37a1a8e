import type { Database } from 'better-sqlite3';
import { type BlockHead, HEAD_COLUMNS, isIntactHead, type StoredHead } from '../blocks/block-head.ts';
import { BlockStore } from '../blocks/block-store.ts';
import { Block } from '../codec/block.ts';
import { skimLog } from '../codec/log-batch.ts';
import { isDamage } from '../damage/damaged.ts';
import { layoutTable } from '../intake/layout-table.ts';
import { isIntactBatch, LOG_COLUMNS, logRows, type StoredLogRow } from '../intake/log-table.ts';
import { foldedThrough } from '../results-database.ts';
import type { StoredInstants } from './accounted-instants.ts';
import type { AccountedSeries, StoredAccount } from './accounted-of-series.ts';
import type { PlannedRange } from './agent-plan.ts';

/** Folds first: they are some hundreds, and heads are found by fold and series. */
const HEADS = `SELECT ${HEAD_COLUMNS.replaceAll(/(^|, )/g, '$1h.')} FROM fold f CROSS JOIN block_head h ON h.fold = f.id
  WHERE f.to_ms >= ? AND f.from_ms < ? AND h.series = ? AND h.to_ms >= ? AND h.from_ms < ?`;
const LOST = ['loss', 'refused_due'].map(
  (table) => `SELECT from_ms AS "from", to_ms AS "to", count FROM ${table}
  WHERE check_id = ? AND agent = ? AND target = ? AND to_ms >= ? AND to_ms < ?`,
);
const LATEST = Number.MAX_SAFE_INTEGER;

/**
 * Reads from the log, the blocks and the losses which instants of a series are accounted for. The log is read once for
 * all series; a block is opened only where its head does not say enough. What is damaged is passed over.
 */
export class StoredInstantsReader implements StoredInstants {
  readonly #intake: Database;
  readonly #results: Database;
  readonly #blocks: BlockStore;
  readonly #layoutText;
  readonly #sql;
  /** Instants in the log by series, without repeated ones, epoch ms. null: not read yet. */
  #log: Map<number, number[]> | null = null;

  constructor(intake: Database, results: Database) {
    this.#intake = intake;
    this.#results = results;
    this.#blocks = new BlockStore(results);
    this.#layoutText = layoutTable(results).textOf;
    this.#sql = {
      series: intake.prepare('SELECT id FROM series WHERE check_id = ? AND agent = ? AND target = ?').pluck(),
      heads: results.prepare(HEADS),
      lost: LOST.map((sql) => intake.prepare(sql)),
    };
  }

  renew(): void {
    this.#log = null;
  }

  read = (series: AccountedSeries, fromMs: number, toMs: number): StoredAccount => {
    const untilMs = Math.min(toMs, LATEST);
    const { agent, check, target } = series;
    const id = this.#sql.series.get(check, agent, target) as number | undefined;
    const isOnGrid = onGrid(series);
    const lost = this.#sql.lost.flatMap((select) =>
      (select.all(check, agent, target, fromMs, untilMs) as PlannedRange[]).filter(
        ({ from, to }) => isOnGrid(from) && isOnGrid(to),
      ),
    );
    if (id === undefined) return { runs: [], lost };
    const isWanted = (at: number) => at >= fromMs && at < untilMs && isOnGrid(at);
    const runs = (this.#logInstants().get(id) ?? []).filter(isWanted).map(rangeOf);
    passingOver(() => {
      for (const head of this.#sql.heads.all(fromMs, untilMs, id, fromMs, untilMs) as StoredHead[])
        if (isIntactHead(head)) runs.push(...this.#runsIn(head, series, isWanted));
    });
    return { runs, lost };
  };

  #runsIn(head: BlockHead, series: AccountedSeries, isWanted: (at: number) => boolean): readonly PlannedRange[] {
    const { fromMs: from, toMs: to, rows, repeated } = head;
    const isOnGrid = onGrid(series);
    if (repeated === 0 && isOnGrid(from) && isOnGrid(to) && rows === (to - from) / series.intervalMs + 1)
      return [{ from, to, count: rows }];
    const found: PlannedRange[] = [];
    passingOver(() => {
      const block = new Block(this.#blocks.get({ kind: 'rows', series: head.series }, head.block), this.#layoutText);
      block.at.forEach((at, row) => {
        if (isWanted(at) && !block.isRepeated(row)) found.push(rangeOf(at));
      });
    });
    return found;
  }

  #logInstants(): ReadonlyMap<number, readonly number[]> {
    this.#log ??= instantsOfLog(this.#intake, foldedThrough(this.#results));
    return this.#log;
  }
}

function instantsOfLog(intake: Database, after: number): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const row of logRows<StoredLogRow>(intake, LOG_COLUMNS, { after }, () => undefined))
    if (isIntactBatch(row))
      passingOver(() =>
        skimLog(row.data, ({ series, at, repeated }) => {
          if (repeated) return;
          const instants = found.get(series);
          if (instants === undefined) found.set(series, [at]);
          else instants.push(at);
        }),
      );
  return found;
}

const rangeOf = (at: number): PlannedRange => ({ from: at, to: at, count: 1 });

/** Whether an instant is one of the series' span. Another span of the same check and target may have other ones. */
const onGrid =
  ({ intervalMs, phaseMs }: AccountedSeries) =>
  (at: number): boolean =>
    (at - phaseMs) % intervalMs === 0;

function passingOver(step: () => void): void {
  try {
    step();
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
}

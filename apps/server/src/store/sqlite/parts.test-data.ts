import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { MissedRecord, RunRecord } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';
import { drops, missedOf, records, SUITE_CATALOG } from '../conformance/frames.test-data.ts';
import type { Plans } from './accept/plans.ts';
import { dayOf } from './blocks/chunks.ts';
import { foldOnce } from './fold/fold.ts';
import { sweepDetails } from './intake/detail-table.ts';
import { openIntakeDatabase } from './intake/intake-database.ts';
import { IntakeWriter } from './intake/intake-writer.ts';
import { trimLog } from './intake/trim-log.ts';
import { mergeStep } from './merge/merge.ts';
import { Snapshot } from './query/snapshot.ts';
import { openResultsDatabase } from './results-database.ts';
import { type Horizons, moveHorizons } from './retention/horizons.ts';
import { retireStep } from './retention/retire.ts';
import { vocabularyOf } from './validate/vocabulary.ts';

const SKETCHED = new Set(['depth_m']);
const pause = () => undefined;

/** Upkeep steps that may run between two frames, in any order. */
export type Work = 'nothing' | 'fold' | 'trim' | 'merge' | 'merge all';

/** The parts of a store in one thread, so that a test can call each step. */
export class Parts {
  readonly at: string;
  readonly intake: Database;
  readonly results: Database;
  readonly writer: IntakeWriter;
  readonly snapshot: Snapshot;

  /** Opens the parts on a new folder. @param folder where it creates that folder. */
  static make(folder: string, name: string): Parts {
    return new Parts(mkdtempSync(join(folder, name)));
  }

  /** Opens the parts on a folder that may have data. */
  constructor(at: string, plans: Plans | null = null) {
    this.at = at;
    this.results = openResultsDatabase(at, 'write');
    this.intake = openIntakeDatabase(at, 'write');
    for (const db of [this.results, this.intake]) db.pragma('synchronous = OFF');
    this.intake.prepare(`INSERT OR REPLACE INTO known_check VALUES (1, 'sonar')`).run();
    this.writer = new IntakeWriter(this.intake, this.results, vocabularyOf(SUITE_CATALOG), plans);
    this.snapshot = new Snapshot(at);
  }

  send(items: readonly RunRecord[], receivedMs = 1): void {
    this.writer.commit([{ origin: { agent: 1, epoch: 1 }, frame: records(1, items), receivedMs }]);
  }

  /** A frame of an epoch of agent 1. @param latestMs the present at most */
  take(epoch: number, items: readonly (RunRecord | MissedRecord)[], latestMs = Number.MAX_SAFE_INTEGER - 1): void {
    const frame = records(epoch, items);
    this.writer.commit([{ origin: { agent: 1, epoch }, frame, receivedMs: 1, latestMs, presentMs: latestMs }]);
  }

  /** One missed run and one dropped. @param seq of the first of both */
  lose(seq: number): void {
    const drop = { fromSeq: seq + 1, toSeq: seq + 1, reason: 'disk_full' as const, count: 1, runs: [] };
    const origin = { agent: 1, epoch: 1 };
    this.writer.commit([
      { origin, frame: records(1, [missedOf(seq, {})]), receivedMs: 1 },
      { origin, frame: drops(1, [drop]), receivedMs: 1 },
    ]);
  }

  work(what: Work): void {
    if (what === 'fold') foldOnce(this.intake, this.results, { mostBytes: 1e6, pause, sketched: SKETCHED });
    if (what === 'trim') trimLog(this.intake, this.results);
    if (what === 'merge') mergeStep(this.results, { sketched: SKETCHED, all: false, pause });
    if (what === 'merge all') mergeStep(this.results, { sketched: SKETCHED, all: true, pause });
  }

  retire(beforeMs: number): void {
    const horizons: Horizons = [beforeMs, 0, 0, 0];
    moveHorizons(this.results, { least: horizons, most: horizons, holdMs: 0, nowMs: beforeMs });
    while (retireStep(this.results, SKETCHED));
    for (let after: number | null = 0; after !== null; ) after = sweepDetails(this.intake, after, dayOf(beforeMs));
    this.writer.forgetCaches();
  }

  close(): void {
    this.snapshot.close();
    this.intake.close();
    this.results.close();
  }
}

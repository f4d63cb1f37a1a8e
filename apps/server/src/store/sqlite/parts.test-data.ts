import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '@netsonde/protocol';
import type { Database } from 'better-sqlite3';
import { records, SUITE_CATALOG } from '../conformance/frames.test-data.ts';
import { dayOf } from './blocks/chunks.ts';
import { foldOnce } from './fold/fold.ts';
import { sweepDetails } from './intake/detail-table.ts';
import { openIntakeDatabase } from './intake/intake-database.ts';
import { IntakeWriter } from './intake/intake-writer.ts';
import { trimLog } from './intake/trim-log.ts';
import { mergeStep } from './merge/merge.ts';
import { Snapshot } from './query/snapshot.ts';
import { openResultsDatabase } from './results-database.ts';
import { moveHorizons } from './retention/horizons.ts';
import { retireStep } from './retention/retire.ts';
import { vocabularyOf } from './validate/vocabulary.ts';

const SKETCHED = new Set(['depth_m']);
const pause = () => undefined;

/** What the upkeep may do between two frames, in any order. */
export type Work = 'nothing' | 'fold' | 'trim' | 'merge' | 'merge all';

/** The parts of a store in one thread, so that each step can be called for. */
export class Parts {
  readonly intake: Database;
  readonly results: Database;
  readonly writer: IntakeWriter;
  readonly snapshot: Snapshot;

  /** @param folder where it makes one of its own. */
  constructor(folder: string, name: string) {
    const at = mkdtempSync(join(folder, name));
    this.results = openResultsDatabase(at, 'write');
    this.intake = openIntakeDatabase(at, 'write');
    for (const db of [this.results, this.intake]) db.pragma('synchronous = OFF');
    this.intake.prepare(`INSERT INTO known_check VALUES (1, 'sonar')`).run();
    this.writer = new IntakeWriter(this.intake, this.results, vocabularyOf(SUITE_CATALOG));
    this.snapshot = new Snapshot(at);
  }

  send(items: readonly RunRecord[], receivedMs = 1): void {
    this.writer.commit([{ origin: { agent: 1, epoch: 1 }, frame: records(1, items), receivedMs }]);
  }

  work(what: Work): void {
    if (what === 'fold') foldOnce(this.intake, this.results, { mostBytes: 1e6, pause, sketched: SKETCHED });
    if (what === 'trim') trimLog(this.intake, this.results);
    if (what === 'merge') mergeStep(this.results, { sketched: SKETCHED, all: false, pause });
    if (what === 'merge all') mergeStep(this.results, { sketched: SKETCHED, all: true, pause });
  }

  retire(beforeMs: number): void {
    moveHorizons(this.results, [beforeMs, 0, 0, 0]);
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

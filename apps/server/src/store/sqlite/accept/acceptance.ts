import type { Drop, MissedRecord, RunRecord } from '@netsonde/protocol';
import { missedFault } from '../validate/loss-record.ts';
import { type Fields, isId, isWhole } from '../validate/parts.ts';
import { LATEST, runFault } from '../validate/run-record.ts';
import type { UnknownWords } from '../validate/unknown-words.ts';
import type { Vocabulary } from '../validate/vocabulary.ts';
import { AccountedInstants, type AccountedOfSeries } from './accounted-instants.ts';
import type { SpanRange } from './agent-plan.ts';
import type { Plans } from './plans.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import type { RepeatedTable } from './repeated-table.ts';

/** What becomes of one record. */
export type Decision =
  /** `again`: the instant has a result already, so this one is stored as a repeated run. */
  | { readonly kind: 'run'; readonly again: boolean }
  /** In as many parts as there are spans; `excess` of its runs belong to no instant of the plan. */
  | { readonly kind: 'missed'; readonly parts: readonly MissedRecord[]; readonly excess: number }
  | { readonly kind: 'unplanned' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

type DroppedRuns = Drop['runs'][number];

/** What becomes of the runs that a drop names. */
export interface DropDecision {
  readonly runs: readonly DroppedRuns[];
  /** Lost runs that the agent knows no more of, at most as many as the plan has instants. */
  readonly unknown: number;
  readonly refused: readonly { readonly refusal: Refusal; readonly runs: number }[];
}

/** What decides beside the record itself. */
interface Judging {
  /** The present at most, by the server's clock or the agent's, whichever is ahead; epoch ms. */
  readonly latestMs: number;
  /** The present by the server's clock alone, epoch ms. */
  readonly presentMs: number;
  /** Words that this agent used and this server does not know. */
  readonly unknown: UnknownWords;
  /** What is wrong with the sets of metrics and absences of a sound result of this agent; null when nothing is. */
  readonly layoutFault: (record: RunRecord) => string | null;
}

const RUN: Decision = { kind: 'run', again: false };
const RUN_AGAIN: Decision = { kind: 'run', again: true };
const UNPLANNED: Decision = { kind: 'unplanned' };
/** One record never adds more than this to a count of refused runs, so that no record makes it meaningless. */
const MOST_EXCESS = 1_000_000;
/** Most that an agent's clock is believed to have gone back, ms. */
const MOST_BACK_MS = 86_400_000;

/** Decides what of an agent's records becomes results: what the plan gave it, at the instants of the plan, until now. */
export class Acceptance {
  readonly #plans: Plans | null;
  readonly #words: Vocabulary;
  /** Probe of each check that exists. */
  readonly #probes: ReadonlyMap<number, string>;
  readonly #repeated: Pick<RepeatedTable, 'of'>;
  readonly #accounted = new AccountedInstants();

  /** @param plans null: no plan restricts the records (a store on its own). */
  constructor(
    plans: Plans | null,
    words: Vocabulary,
    probes: ReadonlyMap<number, string>,
    repeated: Pick<RepeatedTable, 'of'>,
  ) {
    this.#plans = plans;
    this.#words = words;
    this.#probes = probes;
    this.#repeated = repeated;
  }

  /** What was accepted last may not be stored. */
  forget(): void {
    this.#accounted.clear();
  }

  /** Checks that are deleted with all their results. */
  dropChecks(checks: readonly number[]): void {
    for (const check of checks) this.#accounted.dropCheck(check);
  }

  record(agent: number, fields: Fields, judging: Judging): Decision {
    const { t, check, target } = fields;
    if (t !== 'run' && t !== 'missed') return malformed('t: must be run or missed');
    if (!isId(check)) return malformed('check: must be a whole number above 0');
    if (!isId(target)) return malformed('target: must be a whole number above 0', check);
    if (this.#plans?.neverGave(check, target) === true) return UNPLANNED;
    const at = t === 'run' ? fields.at : fields.from;
    if (!isWhole(at) || at > LATEST)
      return malformed(`${t === 'run' ? 'at' : 'from'}: must be epoch ms, 0 or more`, check, target);
    if (!this.#probes.has(check)) return refused(refusalOf('deleted', { check, target, at }));
    return t === 'run'
      ? this.#run(agent, fields, { check, target, at }, judging)
      : this.#missed(agent, fields, { check, target, at }, judging);
  }

  /** The runs of a drop whose fields are sound. `records`: how many sequence numbers it covers. */
  drop(agent: number, { runs, count }: Drop, latestMs: number): DropDecision {
    const named = runs.reduce((sum, run) => sum + run.count, 0);
    if (this.#plans === null) return { runs, unknown: count - named, refused: [] };
    const accepted: DroppedRuns[] = [];
    const not: { refusal: Refusal; runs: number }[] = [];
    for (const run of runs) {
      const { planned, left } = this.#planned(agent, run, latestMs);
      const first = planned[0];
      const last = planned.at(-1);
      if (first !== undefined && last !== undefined)
        accepted.push({ ...run, from: first.from, to: last.to, count: sumOf(planned) });
      if (left > 0) not.push({ refusal: this.#whyNot(agent, run), runs: Math.min(left, MOST_EXCESS) });
    }
    const most = count > named ? this.#plans.of(agent).instantsUntil(latestMs) : 0;
    return { runs: accepted, unknown: Math.max(0, Math.min(count - named, most)), refused: not };
  }

  #run(agent: number, fields: Fields, what: Named, { latestMs, presentMs, unknown, layoutFault }: Judging): Decision {
    const flagged = Array.isArray(fields.flags) && fields.flags.includes('repeated');
    const series = this.#seriesOf(agent, what, flagged);
    if (typeof series === 'string') return refused(refusalOf(series === 'ended' ? 'ended' : 'not_planned', what));
    const again = series?.hasRun(what.at) === true;
    const repeated = flagged || again;
    if (repeated && !this.#hadTimeFor(agent, what, presentMs)) return refused(refusalOf('repeated', what));
    const due = () => (series !== null && series.addMissed(what.at, what.at, 1) > 0 ? what.at : null);
    if (what.at > latestMs) return refused(refusalOf('future', what, due()));
    const probe = this.#words.probes.get(this.#probes.get(what.check) ?? '');
    const fault = runFault(fields, this.#words, unknown, probe) ?? layoutFault(fields as unknown as RunRecord);
    if (fault !== null) return malformed(fault, what.check, what.target, due());
    series?.addRun(what.at);
    return again ? RUN_AGAIN : RUN;
  }

  /** What is known of the run's series. null: no span restricts the run. `ended`, `no`: no span has it. */
  #seriesOf(agent: number, what: Named, flagged: boolean): AccountedOfSeries | null | 'ended' | 'no' {
    if (this.#plans === null) return null;
    const span = this.#plans.of(agent).spanAt(what.check, what.target, what.at, flagged ? MOST_BACK_MS : 0);
    if (typeof span === 'string') return span;
    return flagged ? null : this.#accounted.of({ agent, ...what, ...span });
  }

  /**
   * Whether the agent can have made another repeated run. Its clock can go back, but time does not: each run takes the
   * place of an instant that the plan has had by the server's clock. What the agent says of its clock proves nothing.
   */
  #hadTimeFor(agent: number, { check, target }: Named, presentMs: number): boolean {
    if (this.#plans === null) return true;
    return this.#repeated.of(agent, check, target) < this.#plans.of(agent).instantsOf(check, target, presentMs);
  }

  #missed(agent: number, fields: Fields, what: Named, { latestMs, unknown }: Judging): Decision {
    const fault = missedFault(fields, this.#words, unknown);
    if (fault !== null) return malformed(fault, what.check, what.target);
    const record = fields as unknown as MissedRecord;
    if (this.#plans === null) return { kind: 'missed', parts: [record], excess: 0 };
    const { planned, left } = this.#planned(agent, record, latestMs);
    if (planned.length === 0) return refused(this.#whyNot(agent, record));
    const parts: MissedRecord[] = [];
    let again = 0;
    for (const { intervalMs, from, to, count } of planned) {
      const fresh = this.#accounted.of({ agent, ...what, intervalMs }).addMissed(from, to, count);
      again += count - fresh;
      if (fresh > 0) parts.push({ ...record, from, to, count: fresh });
    }
    if (parts.length === 0) return refused(refusalOf('accounted', what));
    return { kind: 'missed', parts, excess: Math.min(left + again, MOST_EXCESS) };
  }

  /** The planned instants that a count of runs between two instants stands for, and how many of the runs are left over. */
  #planned(
    agent: number,
    { check, target, from, to, count }: DroppedRuns,
    latestMs: number,
  ): { readonly planned: readonly SpanRange[]; readonly left: number } {
    const plans = this.#plans;
    if (plans === null) return { planned: [{ from, to, count, intervalMs: 1 }], left: 0 };
    const first = Math.min(from, to);
    const last = Math.min(Math.max(from, to), latestMs);
    let left = count;
    const planned: SpanRange[] = [];
    for (const stretch of plans.of(agent).within(check, target, first, last)) {
      const taken = Math.min(left, stretch.count);
      if (taken > 0) planned.push({ ...stretch, count: taken });
      left -= taken;
    }
    return { planned, left };
  }

  #whyNot(agent: number, { check, target, to }: DroppedRuns): Refusal {
    if (!this.#probes.has(check)) return refusalOf('deleted', { check, target, at: to });
    const ended = this.#plans?.of(agent).endedBefore(check, target, to) === true;
    return refusalOf(ended ? 'ended' : 'not_planned', { check, target, at: to });
  }
}

interface Named {
  readonly check: number;
  readonly target: number;
  readonly at: number;
}

const refused = (refusal: Refusal): Decision => ({ kind: 'refused', refusal });

const malformed = (because: string, check = 0, target = 0, dueMs: number | null = null): Decision =>
  refused({ reason: 'malformed', because, check, target, dueMs });

const sumOf = (stretches: readonly { readonly count: number }[]): number =>
  stretches.reduce((sum, { count }) => sum + count, 0);

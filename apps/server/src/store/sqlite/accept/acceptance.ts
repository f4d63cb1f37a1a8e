import type { Drop, MissedRecord, RunRecord } from '@netsonde/protocol';
import { missedFault } from '../validate/loss-record.ts';
import { type Fields, isId, isWhole } from '../validate/parts.ts';
import { LATEST, runFault } from '../validate/run-record.ts';
import type { UnknownWords } from '../validate/unknown-words.ts';
import type { Vocabulary } from '../validate/vocabulary.ts';
import { AccountedInstants, type StoredInstants } from './accounted-instants.ts';
import type { AccountedOfSeries } from './accounted-of-series.ts';
import type { PlannedRange, SpanRange } from './agent-plan.ts';
import type { Plans } from './plans.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import type { RepeatedTable } from './repeated-table.ts';

/** What becomes of one record. */
export type Decision =
  /**
   * `repeated`: whether the instant has a result already. null: the record's own flag says so. `lostEveryMs`: set if the
   * instant counted as missed, dropped or refused until now: the interval of its span.
   */
  | { readonly kind: 'run'; readonly repeated: boolean | null; readonly lostEveryMs: number | null }
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

const AS_FLAGGED: Decision = { kind: 'run', repeated: null, lostEveryMs: null };
const FIRST: Decision = { kind: 'run', repeated: false, lostEveryMs: null };
const REPEATED: Decision = { kind: 'run', repeated: true, lostEveryMs: null };
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
  readonly #accounted: AccountedInstants;

  /** @param plans null: no plan restricts the records (a store on its own). */
  constructor(
    plans: Plans | null,
    words: Vocabulary,
    probes: ReadonlyMap<number, string>,
    repeated: Pick<RepeatedTable, 'of'>,
    stored: StoredInstants,
  ) {
    this.#accounted = new AccountedInstants(stored);
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
    if (fields.tag !== undefined && !isWhole(fields.tag))
      return malformed('tag: must be a whole number, 0 or more', check);
    if (this.#plans?.neverGave(check, target, fields.tag) === true) return UNPLANNED;
    const at = t === 'run' ? fields.at : fields.from;
    if (!isWhole(at) || at > LATEST)
      return malformed(`${t === 'run' ? 'at' : 'from'}: must be epoch ms, 0 or more`, check, target);
    if (!this.#probes.has(check)) return refused(refusalOf('deleted', { check, target, at }));
    return t === 'run'
      ? this.#run(agent, fields, { check, target, at }, judging)
      : this.#missed(agent, fields, { check, target, at }, judging);
  }

  /**
   * The runs of a drop whose fields are sound. `count`: how many sequence numbers it covers.
   * @param arrived how many of them are stored after all, by `check/target`
   */
  drop(
    agent: number,
    { runs, count }: Pick<Drop, 'runs' | 'count'>,
    latestMs: number,
    arrived: ReadonlyMap<string, number>,
  ): DropDecision {
    const named = runs.reduce((sum, run) => sum + run.count, 0);
    const lost = runs
      .map((run) => ({ ...run, count: run.count - (arrived.get(`${run.check}/${run.target}`) ?? 0) }))
      .filter((run) => run.count > 0);
    if (this.#plans === null) return { runs: lost, unknown: count - named, refused: [] };
    const accepted: DroppedRuns[] = [];
    const not: { refusal: Refusal; runs: number }[] = [];
    for (const run of lost) {
      if (this.#plans.neverGave(run.check, run.target, run.tag)) {
        const refusal = refusalOf('not_planned', { check: 0, target: 0, at: run.to });
        not.push({ refusal, runs: Math.min(run.count, MOST_EXCESS) });
        continue;
      }
      const { planned, left } = this.#planned(agent, run, latestMs);
      for (const part of planned)
        accepted.push(...this.#notAccounted(agent, run, part).map((range) => ({ ...run, ...range })));
      if (left > 0) not.push({ refusal: this.#whyNot(agent, run), runs: Math.min(left, MOST_EXCESS) });
    }
    const most = count > named ? this.#plans.of(agent).instantsUntil(latestMs) : 0;
    return { runs: accepted, unknown: Math.max(0, Math.min(count - named, most)), refused: not };
  }

  #notAccounted(
    agent: number,
    { check, target }: Pick<DroppedRuns, 'check' | 'target'>,
    { from, to, count, intervalMs, phaseMs }: SpanRange,
  ): readonly PlannedRange[] {
    return this.#accounted.of({ agent, check, target, intervalMs, phaseMs }).addLost(from, to, count);
  }

  #run(agent: number, fields: Fields, what: Named, { latestMs, presentMs, unknown, layoutFault }: Judging): Decision {
    const flagged = Array.isArray(fields.flags) && fields.flags.includes('repeated');
    const series = this.#seriesOf(agent, what, flagged);
    if (typeof series === 'string')
      return this.#isOfLostPlan(what.at)
        ? UNPLANNED
        : refused(refusalOf(series === 'ended' ? 'ended' : 'not_planned', what));
    const state = series?.stateOf(what.at);
    const isRepeated = state === 'run' || (flagged && series === null);
    if (isRepeated && !this.#hadTimeFor(agent, what, presentMs)) return refused(refusalOf('repeated', what));
    const due = () => (series !== null && series.addLost(what.at, what.at, 1).length > 0 ? what.at : null);
    if (what.at > latestMs) return refused(refusalOf('future', what, due()));
    const probe = this.#words.probes.get(this.#probes.get(what.check) ?? '');
    const fault = runFault(fields, this.#words, unknown, probe) ?? layoutFault(fields as unknown as RunRecord);
    if (fault !== null) return malformed(fault, what.check, what.target, due());
    series?.addRun(what.at);
    if (series === null || state === undefined) return AS_FLAGGED;
    if (state === 'lost') return { kind: 'run', repeated: false, lostEveryMs: series.intervalMs };
    return state === 'run' ? REPEATED : FIRST;
  }

  /** The plan that the server lost may have given what its present plan did not. */
  #isOfLostPlan(at: number): boolean {
    return this.#plans?.mayHaveLost(at) === true;
  }

  /** What is known of the run's series. null: no span restricts the run. `ended`, `no`: no span has it. */
  #seriesOf(agent: number, what: Named, flagged: boolean): AccountedOfSeries | null | 'ended' | 'no' {
    if (this.#plans === null) return null;
    const plan = this.#plans.of(agent);
    const span = plan.spanAt(what.check, what.target, what.at);
    if (typeof span !== 'string') {
      const { intervalMs, phaseMs } = span;
      return this.#accounted.of({ agent, check: what.check, target: what.target, intervalMs, phaseMs });
    }
    const early = flagged ? plan.spanAt(what.check, what.target, what.at, MOST_BACK_MS) : span;
    return typeof early === 'string' ? early : null;
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
    if (planned.length === 0)
      return this.#isOfLostPlan(record.from) && this.#isOfLostPlan(record.to)
        ? UNPLANNED
        : refused(this.#whyNot(agent, record));
    const parts: MissedRecord[] = [];
    let again = 0;
    for (const part of planned) {
      const fresh = this.#notAccounted(agent, what, part);
      again += part.count - fresh.reduce((sum, { count }) => sum + count, 0);
      parts.push(...fresh.map((range) => ({ ...record, ...range })));
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
    if (plans === null) return { planned: [{ from, to, count, intervalMs: 1, phaseMs: 0 }], left: 0 };
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

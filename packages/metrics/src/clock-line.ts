import { boundedOffset, type OffsetInterval } from './clock-offset.ts';

/** A host's clocks, ms. */
export interface HostClocks {
  /** Epoch ms, as the host shows it. It may be wrong, and may be set at any time. */
  wallMs(): number;
  /** It is never set, and pauses while the host is suspended. */
  monotonicMs(): number;
  /** Since boot, with the time that the host was suspended. null: the platform has no such clock. */
  uptimeMs(): number | null;
}

/** Who says what time it is. `day`: the clock went on for a day and nothing contradicted it. */
export type ClockWitness = 'kernel' | 'peer' | 'day' | 'administrator';

/** What is known of the time when a process last wrote it down. */
export interface KeptLine {
  /** Identifies the time since the host's last boot. null: the platform has no such id. */
  readonly boot: string | null;
  readonly uptimeMs: number | null;
  readonly bestMs: number;
  /** null: nothing is certain. */
  readonly leastMs: number | null;
  /** null: nobody has confirmed it. */
  readonly errorMs: number | null;
  /** Whether a peer that is not certain was followed. */
  readonly agreed?: boolean | undefined;
  /** How long the host's clock has gone on without a step, ms. */
  readonly steadyMs: number;
}

/** Why the host's clock is not believed, or not confirmed. */
export interface ClockProblem {
  /**
   * `stepped`: it was set, and nobody confirms its new time. `behind`: it shows a time before the last one that is known.
   * `ahead`: since the last boot, it is more than a day ahead of it. `contradicted`: the peers' clocks agree with each other,
   * and not with it. `off`: a witness says so.
   */
  readonly kind: 'stepped' | 'behind' | 'ahead' | 'contradicted' | 'off';
  /** The host's clock minus the best estimate (`ahead`: minus the last known time), ms. */
  readonly byMs: number;
  /** Best estimate of when it began, epoch ms. */
  readonly sinceMs: number;
}

/** What a correction changed. */
export interface ClockCorrection {
  /** By how much the best estimate moved, ms. */
  readonly byMs: number;
  /** Whether no one had confirmed the estimate before: what was dated by it is off by as much. */
  readonly wasUnconfirmed: boolean;
  /** When this process began, by the estimate before the correction, epoch ms. */
  readonly sinceMs: number;
}

/** Reads what {@link ClockLine.keep} returned, as JSON. null: it is nothing of the kind. */
export function keptLineOf(text: string): KeptLine | null {
  let value: Partial<KeptLine>;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const isNumber = (one: unknown) => typeof one === 'number' && Number.isFinite(one);
  const { boot = null, uptimeMs = null, bestMs, leastMs = null, errorMs = null, agreed, steadyMs } = value ?? {};
  const areNumbers = [uptimeMs, leastMs, errorMs].every((one) => one === null || isNumber(one));
  if (!isNumber(bestMs) || !isNumber(steadyMs) || !areNumbers || (boot !== null && typeof boot !== 'string'))
    return null;
  return {
    boot,
    uptimeMs,
    bestMs: bestMs as number,
    leastMs,
    errorMs,
    agreed: agreed === true,
    steadyMs: steadyMs as number,
  };
}

/** A step of the wall clock against the monotonic one of at least this much, ms. Less is followed. */
export const CLOCK_STEP_MS = 500;
/** A clock that a witness finds to be further off than this is not used, ms. */
export const CLOCK_TOLERANCE_MS = 5000;
/** Two clocks that no one disciplines depart from each other by less than this between two exchanges, ms. */
const SMALL_DEPARTURE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The share by which a clock that nobody disciplines drifts at most. Source: adjtimex(2), `freq`: 500 ppm. */
const DRIFT = 500e-6;

/**
 * One host's best estimate of the time. Its clock is followed as long as it moves with the monotonic clock; when it is
 * set, the estimate goes on as if it had not been, until a witness confirms the new time. Two figures matter: `nowMs`
 * is the best estimate, and `leastMs` the time that it certainly is at least. What destroys something goes by the latter.
 */
export class ClockLine {
  readonly #clocks: HostClocks;
  /** Best estimate minus the host's clock, ms. */
  #shiftMs = 0;
  /** Wall minus monotonic clock at the last reading, ms. */
  #aheadMs: number;
  /** Time that the host was suspended since the process began, ms. */
  #sleptMs = 0;
  #suspendedMs: number;
  /** The least time minus the time passed, at {@link #leastAtMs}. null: nothing is certain. */
  #least: { readonly ms: number; readonly passedMs: number } | null = null;
  #confirmed: { readonly by: ClockWitness | 'kept'; readonly errorMs: number; readonly passedMs: number } | null = null;
  #steady: { readonly ms: number; readonly passedMs: number };
  #problem: ClockProblem | null = null;
  #isContradicted = false;
  /** When this process began, epoch ms by the best estimate. */
  #sinceMs: number;
  /** Whether a peer that is not certain was followed. */
  #agreed = false;
  #onStep: () => void = () => {};

  constructor(clocks: HostClocks, boot: string | null, kept: KeptLine | null) {
    this.#clocks = clocks;
    this.#aheadMs = clocks.wallMs() - clocks.monotonicMs();
    this.#suspendedMs = this.#readSuspended();
    this.#steady = { ms: 0, passedMs: this.#passedMs() };
    if (kept !== null) this.#goOnFrom(kept, boot);
    this.#sinceMs = this.nowMs();
  }

  /** Called after each step of the host's clock, so that witnesses can be asked. */
  onStep(listener: () => void): void {
    this.#onStep = listener;
  }

  /** The best estimate, epoch ms. */
  nowMs(): number {
    const wall = this.#clocks.wallMs();
    const ahead = wall - this.#clocks.monotonicMs();
    const step = ahead - this.#aheadMs;
    this.#aheadMs = ahead;
    if (Math.abs(step) >= CLOCK_STEP_MS) this.#stepped(wall, step);
    return wall + this.#shiftMs;
  }

  /** The time that it certainly is at least, epoch ms; never after {@link nowMs}. null: nothing is certain. */
  leastMs(): number | null {
    const now = this.nowMs();
    if (this.#least === null) return null;
    const { ms, passedMs } = this.#least;
    return Math.min(now, ms + (this.#passedMs() - passedMs) * (1 - DRIFT));
  }

  /** How far {@link nowMs} can be off, ms. null: nobody has confirmed it. */
  errorMs(): number | null {
    if (this.#confirmed === null) return null;
    return this.#confirmed.errorMs + (this.#passedMs() - this.#confirmed.passedMs) * DRIFT;
  }

  /** The host's clock minus the best estimate, ms. */
  get wallAheadMs(): number {
    this.nowMs();
    return -this.#shiftMs;
  }

  /** Who confirmed the estimate last. `kept`: a former process of this host. null: nobody. */
  get witness(): ClockWitness | 'kept' | null {
    return this.#confirmed?.by ?? null;
  }

  /** Whether someone confirmed the estimate, or a peer was followed. Otherwise it is the host's clock and nothing else. */
  get isAnchored(): boolean {
    return this.#confirmed !== null || this.#agreed;
  }

  /** null: the host's clock is used as it is, and nothing speaks against it. */
  get problem(): ClockProblem | null {
    this.nowMs();
    return this.#problem;
  }

  /**
   * A witness says how far the host's clock is ahead of the true time. The host's clock is used again if it is near the
   * truth. Otherwise the estimate is set to what the witness says.
   */
  confirm(by: ClockWitness, off: OffsetInterval): ClockCorrection {
    this.nowMs();
    const before = this.#shiftMs;
    const wasUnconfirmed = this.#confirmed === null;
    const errorMs = this.#moveTo(off);
    const passedMs = this.#passedMs();
    this.#confirmed = { by, errorMs, passedMs };
    this.#least = { ms: this.nowMs() - errorMs, passedMs };
    return this.#corrected(this.#shiftMs - before, wasUnconfirmed);
  }

  /**
   * Follows a peer that is not certain itself, until a witness confirms the estimate. A peer that departs from what both
   * agreed on is not followed.
   * @returns the correction. null: it was not followed
   */
  follow(off: OffsetInterval): ClockCorrection | null {
    if (this.#confirmed !== null) return null;
    this.nowMs();
    const before = this.#shiftMs;
    const { offsetMs, errorMs } = boundedOffset(off);
    const departsMs = Math.abs(offsetMs + this.#shiftMs) - errorMs;
    if (this.#agreed && departsMs > SMALL_DEPARTURE_MS) return null;
    this.#agreed = true;
    this.#moveTo(off);
    return this.#corrected(this.#shiftMs - before, true);
  }

  /** The peers' clocks agree with each other and not with this host's by so much, ms. null: they do not. */
  contradicted(byMs: number | null): void {
    const now = this.nowMs();
    this.#isContradicted = byMs !== null;
    if (byMs === null) {
      if (this.#problem?.kind === 'contradicted') this.#problem = null;
    } else if (this.#problem === null || this.#problem.kind === 'contradicted')
      this.#problem = { kind: 'contradicted', byMs, sinceMs: this.#problem?.sinceMs ?? now };
  }

  /** A clock that nobody can confirm is believed after a day without a step. @returns the correction, if it was due */
  believeAfterADay(): ClockCorrection | null {
    this.nowMs();
    const isOpen = this.#confirmed === null || this.#shiftMs !== 0;
    if (!isOpen || this.#isContradicted || this.#steadyMs() < DAY_MS) return null;
    return this.confirm('day', { leastMs: 0, mostMs: 0 });
  }

  /** What the next process needs. */
  keep(boot: string | null): KeptLine {
    const bestMs = this.nowMs();
    return {
      boot,
      uptimeMs: this.#clocks.uptimeMs(),
      bestMs,
      leastMs: this.leastMs(),
      errorMs: this.errorMs(),
      agreed: this.#agreed,
      steadyMs: this.#steadyMs(),
    };
  }

  #goOnFrom(kept: KeptLine, boot: string | null): void {
    const uptime = this.#clocks.uptimeMs();
    const sameBoot = boot !== null && boot === kept.boot && uptime !== null && kept.uptimeMs !== null;
    const passed = sameBoot ? uptime - kept.uptimeMs : -1;
    const wall = this.#clocks.wallMs();
    const passedMs = this.#passedMs();
    if (passed >= 0) this.#sameBoot(kept, passed, wall);
    else this.#newBoot(kept, wall);
    if (kept.leastMs !== null) this.#least = { ms: kept.leastMs + Math.max(0, passed) * (1 - DRIFT), passedMs };
  }

  #sameBoot(kept: KeptLine, passed: number, wall: number): void {
    const best = kept.bestMs + passed;
    const byMs = wall - best;
    const isStep = Math.abs(byMs) > CLOCK_STEP_MS + passed * DRIFT;
    if (isStep) {
      this.#shiftMs = -byMs;
      this.#problem = { kind: 'stepped', byMs, sinceMs: best };
    } else this.#steady = { ms: kept.steadyMs + passed, passedMs: this.#passedMs() };
    this.#agreed = kept.agreed === true;
    if (kept.errorMs !== null)
      this.#confirmed = { by: 'kept', errorMs: kept.errorMs + passed * DRIFT, passedMs: this.#passedMs() };
  }

  #newBoot(kept: KeptLine, wall: number): void {
    const byMs = wall - kept.bestMs;
    if (byMs < 0) {
      this.#shiftMs = -byMs;
      this.#problem = { kind: 'behind', byMs, sinceMs: kept.bestMs };
    } else if (byMs > DAY_MS) this.#problem = { kind: 'ahead', byMs, sinceMs: wall };
  }

  #stepped(wall: number, stepMs: number): void {
    const suspended = this.#readSuspended();
    const slept = Math.max(0, suspended - this.#suspendedMs);
    this.#suspendedMs = suspended;
    const asleep = slept >= CLOCK_STEP_MS ? slept : 0;
    this.#sleptMs += asleep;
    const unexplained = stepMs - asleep;
    if (Math.abs(unexplained) < CLOCK_STEP_MS) return;
    this.#steady = { ms: 0, passedMs: this.#passedMs() };
    this.#shiftMs -= unexplained;
    if (Math.abs(this.#shiftMs) < CLOCK_STEP_MS) {
      this.#shiftMs = 0;
      this.#problem = null;
    } else {
      const now = wall + this.#shiftMs;
      this.#problem = { kind: 'stepped', byMs: -this.#shiftMs, sinceMs: this.#problem?.sinceMs ?? now };
    }
    this.#onStep();
  }

  #corrected(byMs: number, wasUnconfirmed: boolean): ClockCorrection {
    const sinceMs = this.#sinceMs;
    this.#sinceMs += byMs;
    return { byMs, wasUnconfirmed, sinceMs };
  }

  /** @returns how far the estimate can be off now, ms */
  #moveTo(off: OffsetInterval): number {
    const { offsetMs, errorMs } = boundedOffset(off);
    const isNear = Math.abs(offsetMs) - errorMs <= CLOCK_TOLERANCE_MS;
    if (isNear) this.#shiftMs = 0;
    else if (Math.abs(offsetMs + this.#shiftMs) >= CLOCK_STEP_MS) this.#shiftMs = -offsetMs;
    const sinceMs = this.#problem?.sinceMs ?? this.nowMs();
    this.#problem = isNear ? null : { kind: 'off', byMs: offsetMs, sinceMs };
    return Math.abs(offsetMs + this.#shiftMs) + errorMs;
  }

  #steadyMs(): number {
    return this.#steady.ms + this.#passedMs() - this.#steady.passedMs;
  }

  /** Time that passed since some moment of this process, with the time that the host was suspended, ms. */
  #passedMs(): number {
    return this.#clocks.monotonicMs() + this.#sleptMs;
  }

  #readSuspended(): number {
    const uptime = this.#clocks.uptimeMs();
    return uptime === null ? 0 : uptime - this.#clocks.monotonicMs();
  }
}

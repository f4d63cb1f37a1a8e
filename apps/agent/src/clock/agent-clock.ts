import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import {
  CLOCK_STEP_MS,
  type ClockCorrection,
  ClockLine,
  type ClockProblem,
  type KeptLine,
  keptLineOf,
  type OffsetInterval,
} from '@netsonde/metrics';
import type { Clock } from '@netsonde/probes/runtime';
import { bootId, bootMark, kernelClock } from '@netsonde/sockets/host';
import { processClock } from '../host/clock.ts';
import type { ScheduleClock } from '../schedule/wall-watch.ts';
import type { LineStart } from '../spool/clock-lines.ts';

/** What the agent knows of the time, for its server and its owner. Times in ms. */
export interface AgentClockState {
  /** How far the best estimate can be off. null: nobody has confirmed it. */
  readonly errorMs: number | null;
  /** Whether a time service keeps the host's clock in step. null: the platform does not say. */
  readonly synchronised: boolean | null;
  readonly problem: ClockProblem | null;
}

export interface AgentClockParts {
  readonly file: string;
  /** When the spool last recorded that the agent was alive, epoch ms: all that an older version wrote down. null: never. */
  readonly lastAliveMs: number | null;
  readonly log: { warn(message: string): void; info(message: string): void };
}

/** A server accepts epochs of up to a week ahead of its clock, ms. */
const MOST_EPOCH_AHEAD_MS = 6 * 86_400_000;
const TICK_MS = 1000;
/** The kernel is asked, and the file written, at every so many ticks. */
const SELDOM_TICKS = 10;

/**
 * Says when it is, for the whole agent: the host's clock as long as nothing speaks against it, otherwise the best estimate.
 * Witnesses are the kernel's time service and the server.
 */
export class AgentClock implements Clock, ScheduleClock {
  readonly #file: string;
  readonly #boot = bootId();
  readonly #line: ClockLine;
  readonly #log: AgentClockParts['log'];
  readonly #timer: NodeJS.Timeout;
  /** A mark that hosts with the same kernel share. */
  readonly bootMark = bootMark() ?? undefined;
  #synchronised: boolean | null = null;
  #ticks = 0;
  #wasAnchored = false;
  #said: ClockProblem['kind'] | null = null;
  #anchored: (byMs: number) => void = () => {};
  #redated: (byMs: number) => void = () => {};
  #moved: () => void = () => {};

  /**
   * The time for the epoch of this start, epoch ms: not far beyond the last time that is known, since a server refuses an
   * epoch of a far future for good.
   */
  readonly epochMs: number;

  constructor({ file, lastAliveMs, log }: AgentClockParts) {
    this.#file = file;
    this.#log = log;
    const kept = readKept(file) ?? keptOf(lastAliveMs);
    this.#line = new ClockLine(processClock, this.#boot, kept);
    this.#line.onStep(() => this.#askKernel());
    this.#askKernel();
    const now = this.#line.nowMs();
    this.epochMs = this.#line.isAnchored || kept === null ? now : Math.min(now, kept.bestMs + MOST_EPOCH_AHEAD_MS);
    this.#wasAnchored = this.#line.isAnchored;
    this.#tellProblem();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  wallMs(): number {
    return this.#line.nowMs();
  }

  monotonicMs(): number {
    return processClock.monotonicMs();
  }

  uptimeMs(): number | null {
    return processClock.uptimeMs();
  }

  cpuMs(): number {
    return processClock.cpuMs?.() ?? 0;
  }

  /** The host's own clock, epoch ms. */
  hostMs(): number {
    return processClock.wallMs();
  }

  /** The time that it certainly is at least, epoch ms. null: nothing is certain. */
  leastMs(): number | null {
    return this.#line.leastMs();
  }

  /** Whether a witness has confirmed the time, or the server was followed. What was dated before may be dated wrongly. */
  get isAnchored(): boolean {
    return this.#line.isAnchored;
  }

  /** What places records of this boot once the clock is anchored. */
  get lineStart(): LineStart {
    const uptime = processClock.uptimeMs();
    return { boot: this.#boot, aheadMs: uptime === null ? null : this.wallMs() - uptime };
  }

  get state(): AgentClockState {
    return { errorMs: this.#line.errorMs(), synchronised: this.#synchronised, problem: this.#line.problem };
  }

  /** The host's clock minus the server's, ms. `sure`: whether someone has confirmed the server's. */
  heardServer(off: OffsetInterval, sure: boolean): void {
    if (this.#synchronised !== true) this.#note(sure ? this.#line.confirm('peer', off) : this.#line.follow(off));
    this.#tellProblem();
  }

  /** Called once, when the estimate is anchored, with the ms by which it moved then. Not called if it is anchored already. */
  onAnchored(listener: (byMs: number) => void): void {
    this.#anchored = listener;
  }

  /**
   * Called when a witness corrects an estimate that followed a server which was not certain: with the ms by which it moved.
   * What was sent keeps its dates.
   */
  onRedated(listener: (byMs: number) => void): void {
    this.#redated = listener;
  }

  /** Called every second, and after each step or correction. */
  onMoved(listener: () => void): void {
    this.#moved = listener;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#keep();
  }

  #tick(): void {
    this.#ticks += 1;
    this.#line.nowMs();
    if (this.#ticks % SELDOM_TICKS === 1) {
      this.#askKernel();
      this.#keep();
    }
    this.#tellProblem();
    this.#moved();
  }

  #askKernel(): void {
    const kernel = kernelClock();
    this.#synchronised = kernel?.synchronised ?? null;
    if (kernel?.synchronised !== true) return;
    this.#note(this.#line.confirm('kernel', { leastMs: -kernel.errorMs, mostMs: kernel.errorMs }));
  }

  #note(correction: ClockCorrection | null): void {
    if (correction === null) return;
    const isMove = Math.abs(correction.byMs) >= CLOCK_STEP_MS;
    if (!this.#wasAnchored) {
      this.#wasAnchored = true;
      this.#anchored(correction.byMs);
      this.#keep();
    } else if (isMove && correction.wasUnconfirmed) this.#redated(correction.byMs);
    if (!isMove) return;
    this.#moved();
    this.#keep();
  }

  #keep(): void {
    try {
      writeFileSync(`${this.#file}.new`, JSON.stringify(this.#line.keep(this.#boot)), { mode: 0o600 });
      renameSync(`${this.#file}.new`, this.#file);
    } catch {
      // A full disk is reported where results are written. The former file only makes less certain.
    }
  }

  #tellProblem(): void {
    const { problem } = this.#line;
    const kind = problem?.kind ?? null;
    // What the server says is logged where it is heard.
    if (kind === this.#said || kind === 'off') return;
    this.#said = kind;
    if (problem === null)
      this.#log.info('the clock of this host is used again: it agrees with what is known of the time');
    else
      this.#log.warn(
        `the clock of this host is ${(Math.abs(problem.byMs) / 1000).toFixed(1)} s ${problem.byMs > 0 ? 'ahead of' : 'behind'} the time that the agent goes on with; set it with: timedatectl set-ntp true`,
      );
  }
}

function readKept(file: string): KeptLine | null {
  try {
    return keptLineOf(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

const keptOf = (bestMs: number | null): KeptLine | null =>
  bestMs === null ? null : { boot: null, uptimeMs: null, bestMs, leastMs: null, errorMs: null, steadyMs: 0 };

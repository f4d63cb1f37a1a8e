import { networkInterfaces, uptime } from 'node:os';
import { join } from 'node:path';
import {
  type BoundedOffset,
  CLOCK_STEP_MS,
  type ClockCorrection,
  ClockLine,
  type ClockProblem,
  type HostClocks,
} from '@netsonde/metrics';
import { bootId, bootMark, type KernelClock, kernelClock } from '@netsonde/sockets/host';
import { readKeptLine, writeKeptLine } from './clock-file.ts';
import { problemWords } from './clock-words.ts';
import { PeerClocks } from './peer-clocks.ts';

/** What a server knows of the time. All times in ms. */
export interface ClockState {
  /** This host's clock minus the best estimate. */
  readonly hostAheadMs: number;
  /** How far the best estimate can be off. null: nobody has confirmed it. */
  readonly errorMs: number | null;
  /** The time that it certainly is at least, epoch ms. null: nothing is certain. */
  readonly leastMs: number | null;
  readonly witness: ClockLine['witness'];
  /** null: the platform says nothing of its clock. */
  readonly synchronised: boolean | null;
  readonly problem: ClockProblem | null;
}

/** Says when it is, for the whole server. */
export interface ServerClock {
  /** The best estimate, epoch ms. */
  readonly now: () => number;
  /** The time that it certainly is at least, epoch ms: what deletes goes by this. null: nothing is certain. */
  readonly least: () => number | null;
  /** Whether someone has confirmed the time. */
  isSure(): boolean;
  state(): ClockState;
  /** The own clock of an agent's host minus the best estimate, ms. */
  heard(agent: number, offset: BoundedOffset, host: PeerHost): void;
  /** Called when the best estimate was corrected. */
  onCorrection(listener: (correction: ClockCorrection) => void): void;
  /** An administrator says that this host's clock is right. */
  believe(): void;
  close(): void;
}

/** What tells whether an agent runs on this server's own host, whose clock is no witness. */
export interface PeerHost {
  /** Where the agent connects from. */
  readonly address: string;
  /** See `bootMark`. Absent: the agent did not say. */
  readonly boot?: string | undefined;
}

export interface ServerClockParts {
  readonly dataFolder: string;
  readonly log: { warn(message: string): void; info(message: string): void };
  readonly clocks?: HostClocks;
}

const FILE = 'clock.json';
const TICK_MS = 1000;
/** The kernel is asked, and the file written, at every so many ticks. */
const SELDOM_TICKS = 10;

const HOST_CLOCKS: HostClocks = Object.freeze({
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  uptimeMs: () => uptime() * 1000,
});

/** Starts the clock on a data folder that this process has locked. */
export function openServerClock(parts: ServerClockParts): ServerClock {
  return new HostClock(parts);
}

/** A clock that is right by definition, for suites that move the time. */
export function givenClock(now: () => number): ServerClock {
  const state = { hostAheadMs: 0, errorMs: 0, witness: 'administrator', synchronised: null, problem: null } as const;
  return Object.freeze({
    now,
    least: now,
    isSure: () => true,
    state: () => ({ ...state, leastMs: now() }),
    heard: () => {},
    onCorrection: () => {},
    believe: () => {},
    close: () => {},
  });
}

class HostClock implements ServerClock {
  readonly #file: string;
  readonly #log: ServerClockParts['log'];
  readonly #boot = bootId();
  readonly #mark = bootMark();
  readonly #line: ClockLine;
  readonly #peers = new PeerClocks();
  readonly #timer: NodeJS.Timeout;
  readonly now: () => number;
  readonly least: () => number | null;
  #kernel: KernelClock | null = null;
  #ticks = 0;
  /** Whether an agent's clock was measured since all were last compared, and when that was, by the monotonic clock. */
  #areNew = false;
  #judgedMs = Number.NEGATIVE_INFINITY;
  #said: ClockProblem['kind'] | null = null;
  #corrected: (correction: ClockCorrection) => void = () => {};
  #own: ReadonlySet<string> = new Set();

  constructor({ dataFolder, log, clocks = HOST_CLOCKS }: ServerClockParts) {
    this.#file = join(dataFolder, FILE);
    this.#log = log;
    this.#line = new ClockLine(clocks, this.#boot, readKeptLine(this.#file));
    this.now = () => this.#line.nowMs();
    this.least = () => this.#line.leastMs();
    this.#line.onStep(() => this.#askKernel());
    this.#seldom();
    this.#tellProblem();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  isSure(): boolean {
    return this.#line.errorMs() !== null;
  }

  state(): ClockState {
    const line = this.#line;
    return {
      hostAheadMs: line.wallAheadMs,
      errorMs: line.errorMs(),
      leastMs: line.leastMs(),
      witness: line.witness,
      synchronised: this.#kernel?.synchronised ?? null,
      problem: line.problem,
    };
  }

  heard(agent: number, offset: BoundedOffset, host: PeerHost): void {
    if (this.#isOwnHost(host)) return;
    this.#peers.note(agent, offset, performance.now());
    this.#areNew = true;
    if (performance.now() - this.#judgedMs >= TICK_MS) this.#judgePeers();
  }

  /** At most once per tick: it reads the clocks of all agents. */
  #judgePeers(): void {
    if (!this.#areNew || this.#kernel?.synchronised === true) return;
    this.#areNew = false;
    this.#judgedMs = performance.now();
    const word = this.#peers.word(this.#line.wallAheadMs, performance.now());
    if (word === null) return;
    if ('agree' in word) {
      this.#line.contradicted(null);
      this.#note(this.#line.confirm('peer', word.agree));
    } else this.#line.contradicted(word.contradict);
    this.#tellProblem();
  }

  onCorrection(listener: (correction: ClockCorrection) => void): void {
    this.#corrected = listener;
  }

  believe(): void {
    this.#line.contradicted(null);
    this.#note(this.#line.confirm('administrator', { leastMs: 0, mostMs: 0 }));
    this.#seldom();
    this.#tellProblem();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#keep();
  }

  #tick(): void {
    this.#ticks += 1;
    this.#line.nowMs();
    if (this.#ticks % SELDOM_TICKS === 1) this.#seldom();
    this.#judgePeers();
    this.#tellProblem();
  }

  #seldom(): void {
    this.#own = ownAddresses();
    this.#askKernel();
    const correction = this.#line.believeAfterADay();
    if (correction !== null) this.#note(correction);
    this.#keep();
  }

  #askKernel(): void {
    this.#kernel = kernelClock();
    if (this.#kernel?.synchronised !== true) return;
    const { errorMs } = this.#kernel;
    this.#line.contradicted(null);
    this.#note(this.#line.confirm('kernel', { leastMs: -errorMs, mostMs: errorMs }));
  }

  #note(correction: ClockCorrection): void {
    if (Math.abs(correction.byMs) >= CLOCK_STEP_MS) this.#corrected(correction);
  }

  #keep(): void {
    try {
      writeKeptLine(this.#file, this.#line.keep(this.#boot));
    } catch {
      // A full disk is reported where results are written. The former file only makes less certain.
    }
  }

  #tellProblem(): void {
    const { problem } = this.#line;
    const kind = problem?.kind ?? null;
    if (kind === this.#said) return;
    this.#said = kind;
    if (problem === null)
      this.#log.info('the clock of this host is used again: it agrees with what is known of the time');
    else this.#log.warn(problemWords(problem));
  }

  #isOwnHost({ address, boot }: PeerHost): boolean {
    if (boot !== undefined && boot === this.#mark) return true;
    const plain = address.replace(/^::ffff:/, '');
    return plain === '' || this.#own.has(plain);
  }
}

function ownAddresses(): ReadonlySet<string> {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return new Set(all.map(({ address }) => address));
}

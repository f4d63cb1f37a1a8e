import type { EchoEngine, StopSignal } from '@netsonde/sockets';
import type { Finding } from './outcome.ts';

/** An address that a name resolved to. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** The addresses of a resolved name: at least one. */
export type Addresses = readonly [ResolvedAddress, ...ResolvedAddress[]];

export type AddressFamily = 'any' | 4 | 6;

/** Wall and monotonic time of a run; tests inject a fake clock here. */
export interface Clock {
  /** Epoch ms, UTC. May step. */
  wallMs(): number;
  /** Monotonic ms with sub-microsecond fraction; for durations only. */
  monotonicMs(): number;
  /** Takes note that a wait of the run ended this long after its timeout, ms. Absent: nobody needs to know. */
  overran?(ms: number): void;
}

/**
 * Everything that a run may use outside its probe. `signal` aborts on cancel and on the deadline, and the probe must
 * pass it on to its socket.
 */
export interface RunContext {
  readonly clock: Clock;
  /** Aborts when the run is cancelled or its deadline passes; `reason` is a {@link RunStopped} after the deadline. */
  readonly signal: StopSignal;
  /** A user watches this run live, so an observation per packet is worth its cost. */
  readonly followed: boolean;
  /** Adds a line to the run's own bounded log, kept when the run does not end `up`. */
  log(line: string): void;
  /** 0 <= x < 1. */
  random(): number;
  /** The agent's ICMP engine, shared by all runs. */
  echoEngine(): Promise<EchoEngine>;
  /**
   * Resolves a host outside any timed section, through the system's resolver; an address literal is returned as it is.
   * Every address returned has passed the agent's policy.
   * @throws RunFailure with side `resolver` (verdict unknown), `target` (down: nxdomain, no_address), or a policy refusal.
   */
  resolve(host: string, family: AddressFamily): Promise<Addresses>;
  /**
   * Asks the agent's policy whether this address may be measured: call it on each connected socket's remote address.
   * @throws RunFailure with cause `policy`.
   */
  permit(address: string): void;
}

/**
 * Ends a run that could not measure: the verdict follows from the finding's side (`target` and `path`: down, else
 * unknown).
 */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly finding: Finding;
  constructor(finding: Finding, message: string) {
    super(message);
    this.finding = finding;
  }
}

/** The reason of an aborted run's signal. */
export class RunStopped extends Error {
  override readonly name = 'RunStopped';
  readonly why: 'cancelled' | 'deadline';
  constructor(why: 'cancelled' | 'deadline') {
    super(why === 'cancelled' ? 'the run was cancelled' : 'the run reached its deadline');
    this.why = why;
  }
}

import type { EchoEngine, StopSignal } from '@netsonde/sockets';
import type { Finding } from './outcome.ts';

/** An address that a name resolved to. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** What a name resolved to: one address at least. */
export type Addresses = readonly [ResolvedAddress, ...ResolvedAddress[]];

export type AddressFamily = 'any' | 4 | 6;

/** Wall and monotonic time of a run; a test's fake clock is put in here. */
export interface Clock {
  /** Epoch ms, UTC. May step. */
  wallMs(): number;
  /** Monotonic ms with sub-microsecond fraction; for durations only. */
  monotonicMs(): number;
}

/**
 * What a run is given: the only seams to the world outside its probe.
 * Cancelling and the deadline both arrive through `signal` and must reach the socket.
 */
export interface RunContext {
  readonly clock: Clock;
  /** Aborts when the run is cancelled or its deadline passes; `reason` is a {@link RunStopped} where the deadline did. */
  readonly signal: StopSignal;
  /** Somebody watches this run live: worth the cost of an observation for each packet. */
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

/** Ends a run before it could measure: the verdict follows from the finding's side (`target` and `path`: down, else unknown). */
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

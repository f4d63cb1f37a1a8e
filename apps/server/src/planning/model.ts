import type { Expectation } from '@netsonde/probes/catalog';
import type { AgentCapability, AssignedCheck } from '@netsonde/protocol';
import type { AgentSelection, Test } from '@netsonde/protocol/api';

export type TestState = Test['state'];
export type Labels = Readonly<Record<string, string>>;
export type Options = Readonly<AssignedCheck['options']>;

export interface PlannedTarget {
  readonly id: number;
  /** Absent: older than tags. */
  readonly tag?: number;
  readonly address: string;
  readonly labels: Labels;
}

export interface PlannedCheck {
  readonly id: number;
  /** Absent: older than tags. */
  readonly tag?: number;
  readonly probe: string;
  /** Complete: every default was filled in when the check was created. */
  readonly options: Options;
  readonly expectations: readonly Expectation[];
  /** null: the test's interval. */
  readonly intervalMs: number | null;
  /** Why no agent is assigned the check, and what to do. null: the check has no fault. */
  readonly fault: string | null;
}

/** A test as the server keeps it. Times are epoch ms. */
export interface PlannedTest {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly selection: AgentSelection;
  readonly intervalMs: number;
  /** null: the test runs until it is stopped. */
  readonly durationMs: number | null;
  readonly startMs: number;
  readonly endMs: number | null;
  /** Set while a test is stopped: the instant at which its spans end. */
  readonly stoppedMs: number | null;
  readonly createdMs: number;
  readonly targets: readonly PlannedTarget[];
  readonly checks: readonly PlannedCheck[];
}

/** An agent as planning sees it. */
export interface KnownAgent {
  readonly id: number;
  readonly name: string;
  /** Labels that tests select by: the administrator's, and the agent's own if its token allows them. */
  readonly labels: Labels;
  readonly capabilities: readonly AgentCapability[];
  readonly revoked: boolean;
  /** When the agent lost its session, epoch ms. null: it is online. */
  readonly offlineSinceMs: number | null;
}

/** The instant at which the test's spans end. null: open-ended. */
export function dutyEnd({ endMs, stoppedMs }: PlannedTest): number | null {
  if (endMs === null || stoppedMs === null) return endMs ?? stoppedMs;
  return Math.min(endMs, stoppedMs);
}

/** The instant at which the test's spans ended. null: they have not yet. */
export function dutyEnded(test: PlannedTest, nowMs: number): number | null {
  const endMs = dutyEnd(test);
  return endMs !== null && endMs <= nowMs ? endMs : null;
}

/** The life cycle state as a function of time. */
export function testState(test: PlannedTest, nowMs: number): TestState {
  if (test.stoppedMs !== null) return test.endMs !== null && test.endMs < test.stoppedMs ? 'completed' : 'stopped';
  if (nowMs < test.startMs) return 'scheduled';
  return test.endMs !== null && nowMs >= test.endMs ? 'completed' : 'running';
}

/** Elapsed share of the duration, 0 to 100 %. null: the test has no duration. */
export function progressPct(test: PlannedTest, nowMs: number): number | null {
  if (test.durationMs === null) return null;
  const until = Math.min(nowMs, test.stoppedMs ?? nowMs);
  return Math.min(100, Math.max(0, (100 * (until - test.startMs)) / test.durationMs));
}

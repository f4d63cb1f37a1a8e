import type { Expectation } from '@netsonde/probes/catalog';
import type { AgentCapability, AssignedCheck } from '@netsonde/protocol';
import type { AgentSelection, Test } from '@netsonde/protocol/api';

export type TestState = Test['state'];
export type Labels = Readonly<Record<string, string>>;
export type Options = Readonly<AssignedCheck['options']>;

export interface PlannedTarget {
  readonly id: number;
  readonly address: string;
  readonly labels: Labels;
}

export interface PlannedCheck {
  readonly id: number;
  readonly probe: string;
  /** Complete: every default filled in when the check was made. */
  readonly options: Options;
  readonly expectations: readonly Expectation[];
  /** null: the test's. */
  readonly intervalMs: number | null;
  /** Why no agent is given it, and what to do; null: nothing is wrong with it. */
  readonly fault: string | null;
}

/** A test as the server holds it. Times are epoch ms. */
export interface PlannedTest {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly selection: AgentSelection;
  readonly intervalMs: number;
  /** null: until stopped. */
  readonly durationMs: number | null;
  readonly startMs: number;
  readonly endMs: number | null;
  /** Set while a test is stopped: the instant from which on nothing of it is due. */
  readonly stoppedMs: number | null;
  readonly createdMs: number;
  readonly targets: readonly PlannedTarget[];
  readonly checks: readonly PlannedCheck[];
}

/** An agent as planning sees it. */
export interface KnownAgent {
  readonly id: number;
  readonly name: string;
  /** By which tests select it: the administrator's, and its own ones where its token allowed that. */
  readonly labels: Labels;
  readonly capabilities: readonly AgentCapability[];
  readonly revoked: boolean;
  /** Epoch ms since when it has no session; null: online. */
  readonly offlineSinceMs: number | null;
}

/** The instant from which on nothing of the test is due; null: open. */
export function dutyEnd({ endMs, stoppedMs }: PlannedTest): number | null {
  if (endMs === null || stoppedMs === null) return endMs ?? stoppedMs;
  return Math.min(endMs, stoppedMs);
}

/** The life cycle by time alone. */
export function testState(test: PlannedTest, nowMs: number): TestState {
  if (test.stoppedMs !== null) return test.endMs !== null && test.endMs < test.stoppedMs ? 'completed' : 'stopped';
  if (nowMs < test.startMs) return 'scheduled';
  return test.endMs !== null && nowMs >= test.endMs ? 'completed' : 'running';
}

/** Share of the duration that has passed, 0 to 100; null without a duration. */
export function progressPct(test: PlannedTest, nowMs: number): number | null {
  if (test.durationMs === null) return null;
  const until = Math.min(nowMs, test.stoppedMs ?? nowMs);
  return Math.min(100, Math.max(0, (100 * (until - test.startMs)) / test.durationMs));
}

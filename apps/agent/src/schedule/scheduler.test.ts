import type { AssignedCheck } from '@netsonde/protocol';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Duties, gridOf } from './duties.ts';
import { Scheduler } from './scheduler.ts';
import type { Missed, ScheduledSeries } from './series.ts';

/** A host whose clocks and timers move only when the test moves them. */
class FakeHost {
  monotonic = 1000;
  wall = 1_700_000_000_000;
  suspended = 0;
  #timers: { at: number; fire: () => void }[] = [];

  after(ms: number, fire: () => void): { cancel: () => void } {
    const timer = { at: this.monotonic + ms, fire };
    this.#timers.push(timer);
    return { cancel: () => (this.#timers = this.#timers.filter((one) => one !== timer)) };
  }

  clock = {
    wallMs: () => this.wall,
    monotonicMs: () => this.monotonic,
    uptimeMs: () => this.monotonic + this.suspended,
  };

  async pass(ms: number): Promise<void> {
    const end = this.monotonic + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.wall += Math.max(0, next.at - this.monotonic);
      this.monotonic = Math.max(this.monotonic, next.at);
      next.fire();
      for (let i = 0; i < 5; i++) await Promise.resolve();
    }
    this.wall += end - this.monotonic;
    this.monotonic = end;
  }
}

interface Reported {
  readonly key: string;
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly reason: Missed['reason'] | 'run' | 'repeat';
}

/** One process's life of an agent's schedule. The next life knows only what this one reported. */
function life(host: FakeHost, reported: Reported[], took: () => number, maxRunning: number, aliveMs = host.wall) {
  let dead = false;
  let timer = { cancel: () => {} };
  const keyOf = ({ plan }: ScheduledSeries) => `${plan.check.check}/${plan.target.target}`;
  let most = 0;
  const scheduler: Scheduler = new Scheduler({
    clock: host.clock,
    maxRunning,
    timer: {
      set(ms, fire) {
        timer.cancel();
        timer = host.after(ms, () => dead || fire());
      },
      clear: () => timer.cancel(),
    },
    run: (series, { at, repeated, stop }) =>
      new Promise((resolve) => {
        most = Math.max(most, scheduler.running);
        const end = (done: boolean) => {
          if (dead) return;
          if (done)
            reported.push({ key: keyOf(series), from: at, to: at, count: 1, reason: repeated ? 'repeat' : 'run' });
          resolve(done);
        };
        const cancel = () => {
          ending.cancel();
          end(false);
        };
        const ending = host.after(took(), () => {
          stop.removeEventListener('abort', cancel);
          end(true);
        });
        stop.addEventListener('abort', cancel);
      }),
    missed: (series, missed) => reported.push({ key: keyOf(series), ...missed }),
    gathered: ({ plan }) => plan.check.check === 3,
  });
  const through = (check: number, target: number) => {
    const tos = reported.filter(({ key }) => key === `${check}/${target}`).map(({ to }) => to);
    return tos.length === 0 ? undefined : Math.max(...tos);
  };
  const anchored = { isAnchored: true, wallMs: () => host.wall };
  const duties = new Duties(scheduler, anchored, through, { startedMs: host.wall, lastAliveMs: aliveMs });
  return {
    scheduler,
    duties,
    most: () => most,
    kill() {
      dead = true;
      timer.cancel();
    },
  };
}

const checkOf = (check: number, intervalMs: number, targets: number, startMs: number): AssignedCheck => ({
  check,
  test: 1,
  probe: 'tcp',
  options: {},
  expectations: [],
  intervalMs,
  startMs,
  endMs: null,
  targets: Array.from({ length: targets }, (_, i) => ({ target: i + 1, address: '127.0.0.1:1' })),
});

/** Instants of a series between two wall times, from interval and phase alone. */
function due(check: AssignedCheck, target: number, from: number, to: number): number[] {
  const { intervalMs, phaseMs } = gridOf(1, check, target);
  const instants: number[] = [];
  for (let at = Math.ceil((from - phaseMs) / intervalMs) * intervalMs + phaseMs; at < to; at += intervalMs)
    instants.push(at);
  return instants;
}

/** Asserts that every due instant up to `until` is reported once. Returns the reasons. */
function expectEachOnce(reported: readonly Reported[], check: AssignedCheck, target: number, until: number): string[] {
  const mine = reported.filter(({ key, reason }) => key === `${check.check}/${target}` && reason !== 'repeat');
  const instants = mine.flatMap(({ from, to, count }) => {
    const covered = due(check, target, from, to + 1);
    expect(covered.length).toBe(count);
    return covered;
  });
  expect([...instants].sort((a, b) => a - b)).toEqual(instants);
  expect(instants.filter((at) => at < until)).toEqual(due(check, target, check.startMs, until));
  return mine.map(({ reason }) => reason);
}

test('runs start at their instants without drift, over an hour of 1 s intervals', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler } = life(host, reported, () => 30, 100);
  const check = checkOf(1, 1000, 3, host.wall);
  duties.set(1, [check], host.wall);
  await host.pass(3_600_000);
  for (const target of [1, 2, 3]) {
    const reasons = expectEachOnce(reported, check, target, host.wall - 1000);
    expect(new Set(reasons)).toEqual(new Set(['run']));
  }
  await scheduler.stop();
});

test('instants before an assignment arrives are not assigned yet, and agent_off only while the agent was off', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const check = checkOf(1, 1000, 2, host.wall);
  host.wall += 30_000;
  // It ran for the first 10 s and did not hear of the check, was off for 20 s, and hears of it 5 s after its start.
  const { duties, scheduler } = life(host, reported, () => 10, 100, host.wall - 20_000);
  await host.pass(5000);
  duties.set(1, [check], host.wall);
  await host.pass(10_000);
  // For 8 s it does not hear that the interval has changed: it goes on as before, and the new instants are reported too.
  const changed = checkOf(1, 2000, 2, host.wall);
  const before = host.wall;
  await host.pass(8000);
  duties.set(1, [changed], host.wall);
  await host.pass(20_000);
  for (const target of [1, 2]) {
    const mine = reported.filter(({ key }) => key === `1/${target}`);
    const missed = mine.filter(({ reason }) => reason !== 'run').map(({ reason, count }) => [reason, count]);
    expect(missed).toEqual([
      ['not_assigned_yet', 10],
      ['agent_off', 20],
      ['not_assigned_yet', 5],
      ['not_assigned_yet', 4],
    ]);
    const runs = new Set(mine.filter(({ reason }) => reason === 'run').map(({ from }) => from));
    const afterwards = due(changed, target, before + 8000, host.wall - 1000);
    expect(afterwards.every((at) => runs.has(at))).toBe(true);
  }
  await scheduler.stop();
});

test('a run that outlasts its interval never overlaps the next run, and the skipped instants are reported as overlap', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler, most } = life(host, reported, () => 2500, 100);
  const check = checkOf(1, 1000, 1, host.wall);
  duties.set(1, [check], host.wall);
  await host.pass(60_000);
  const reasons = expectEachOnce(reported, check, 1, host.wall - 5000);
  expect(most()).toBe(1);
  expect(reasons.filter((reason) => reason === 'overlap').length).toBeGreaterThan(15);
  await scheduler.stop();
});

test('gathered runs begin together, never before their instant and at most about 50 ms after it', async () => {
  const host = new FakeHost();
  const begun: number[] = [];
  let timer = { cancel: () => {} };
  const scheduler = new Scheduler({
    clock: host.clock,
    maxRunning: 1000,
    timer: {
      set(ms, fire) {
        timer.cancel();
        timer = host.after(ms, fire);
      },
      clear: () => timer.cancel(),
    },
    run: async (_, { at }) => {
      expect(host.wall).toBeGreaterThanOrEqual(at);
      expect(host.wall - at).toBeLessThanOrEqual(51);
      begun.push(host.wall);
      return true;
    },
    missed: (_, missed) => expect(missed).toBeUndefined(),
    gathered: ({ plan }) => plan.check.check === 2,
  });
  const anchored = { isAnchored: true, wallMs: () => host.wall };
  const duties = new Duties(scheduler, anchored, () => undefined, { startedMs: host.wall, lastAliveMs: null });
  duties.set(1, [checkOf(2, 1000, 500, host.wall)], host.wall);
  await host.pass(10_000);
  await scheduler.stop();
  expect(begun.length).toBeGreaterThan(4500);
  expect(new Set(begun).size).toBeLessThanOrEqual(10_000 / 50 + 1);
});

test('at most the allowed number of runs is under way, and those that wait too long are reported as slot_busy', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler, most } = life(host, reported, () => 900, 5);
  const check = checkOf(1, 1000, 20, host.wall);
  duties.set(1, [check], host.wall);
  await host.pass(30_000);
  expect(most()).toBe(5);
  const reasons = check.targets.flatMap(({ target }) => expectEachOnce(reported, check, target, host.wall - 3000));
  expect(reasons).toContain('slot_busy');
  await scheduler.stop();
});

test('after a step of an hour forward, skipped instants are reported once as clock_stepped, without a burst of runs', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler } = life(host, reported, () => 10, 10_000);
  const check = checkOf(1, 10_000, 100, host.wall);
  duties.set(1, [check], host.wall);
  await host.pass(20_000);
  host.wall += 3_600_000;
  const before = reported.filter(({ reason }) => reason === 'run').length;
  await host.pass(2000);
  expect(reported.filter(({ reason }) => reason === 'run').length - before).toBeLessThan(40);
  await host.pass(28_000);
  for (const { target } of check.targets)
    expect(expectEachOnce(reported, check, target, host.wall - 1000)).toContain('clock_stepped');
  await scheduler.stop();
});

test('after a step of an hour back, runs continue at their rate, reported as repeats until the clock reaches the old time', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler } = life(host, reported, () => 10, 10_000);
  const check = checkOf(1, 10_000, 100, host.wall);
  duties.set(1, [check], host.wall);
  await host.pass(20_000);
  host.wall -= 3_600_000;
  await host.pass(100_000);
  const repeats = reported.filter(({ reason }) => reason === 'repeat').length;
  expect(repeats).toBeGreaterThan(950);
  expect(repeats).toBeLessThan(1050);
  await host.pass(3_600_000);
  for (const { target } of check.targets) expectEachOnce(reported, check, target, host.wall - 1000);
  await scheduler.stop();
});

test('instants during a suspension of the host are reported as missed because the agent was off', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler } = life(host, reported, () => 10, 100);
  const check = checkOf(1, 1000, 1, host.wall);
  duties.set(1, [check], host.wall);
  await host.pass(5000);
  host.wall += 600_000;
  host.suspended += 600_000;
  await host.pass(5000);
  const reasons = expectEachOnce(reported, check, 1, host.wall - 1000);
  expect(reasons).toContain('agent_off');
  expect(reasons).not.toContain('clock_stepped');
  await scheduler.stop();
});

test('removing a check cancels its run, and adding it again reports the instants between', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler } = life(host, reported, () => 700, 100);
  const check = checkOf(1, 1000, 1, host.wall);
  duties.set(1, [check], host.wall);
  for (let i = 0; i < 1000 && scheduler.running === 0; i++) await host.pass(10);
  duties.set(1, [], host.wall);
  await host.pass(5);
  expect(reported.at(-1)?.reason).toBe('cancelled');
  expect(scheduler.running).toBe(0);
  await scheduler.stop();
});

test('a run under way ends normally when its series is removed after the end of the series', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler } = life(host, reported, () => 700, 100);
  const check = { ...checkOf(1, 1000, 1, host.wall), endMs: host.wall + 5000 };
  duties.set(1, [check], host.wall);
  await host.pass(4100);
  for (let i = 0; i < 100 && scheduler.running === 0; i++) await host.pass(10);
  await host.pass(Math.max(0, check.endMs - host.wall));
  duties.set(1, [], host.wall);
  await host.pass(1000);
  expect(reported.map(({ reason }) => reason)).toEqual(Array(5).fill('run'));
  await scheduler.stop();
});

test('a series whose beginning is moved forward runs from then on, and no run is a repeat', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler } = life(host, reported, () => 10, 100);
  const later = checkOf(1, 1000, 1, host.wall + 100_000);
  duties.set(1, [later], host.wall);
  await host.pass(3000);
  const check = { ...later, startMs: host.wall };
  duties.set(1, [check], host.wall);
  await host.pass(120_000);
  expect(new Set(expectEachOnce(reported, check, 1, host.wall - 1000))).toEqual(new Set(['run']));
  await scheduler.stop();
});

test('changing an interval loses no instant of the previous interval', async () => {
  const host = new FakeHost();
  const reported: Reported[] = [];
  const { duties, scheduler } = life(host, reported, () => 5, 100);
  const slow = checkOf(3, 1000, 200, host.wall);
  duties.set(1, [slow], host.wall);
  await host.pass(5023);
  const changedAt = host.wall;
  duties.set(1, [{ ...slow, intervalMs: 700, startMs: changedAt + 500 }], changedAt);
  await host.pass(5000);
  for (const { target } of slow.targets) {
    const before = reported
      .filter(({ key, from }) => key === `3/${target}` && from <= changedAt)
      .map(({ from }) => from);
    expect(before).toEqual(due(slow, target, slow.startMs, changedAt + 1));
  }
  await scheduler.stop();
});

type Step = {
  readonly what: 'pass' | 'forward' | 'back' | 'kill' | 'stop' | 'sleep' | 'assign' | 'away';
  readonly ms: number;
};
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('pass', 'pass', 'pass', 'forward', 'back', 'kill', 'stop', 'sleep', 'assign', 'assign', 'away'),
  ms: fc.integer({ min: 1, max: 20_000 }),
});

test('each instant is reported exactly once over any sequence of steps, suspensions, assignments, kills and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 150, max: 5000 }),
      fc.integer({ min: 1, max: 4000 }),
      async (steps, intervalMs, took) => {
        const host = new FakeHost();
        const reported: Reported[] = [];
        let check = checkOf(3, intervalMs, 3, host.wall + 137);
        let current = life(host, reported, () => took, 2);
        current.duties.set(1, [check], host.wall);
        let latest = host.wall;
        for (const { what, ms } of steps) {
          if (what === 'pass') await host.pass(ms);
          if (what === 'forward') host.wall += ms;
          if (what === 'back') host.wall -= ms;
          if (what === 'sleep') {
            host.wall += ms;
            host.suspended += ms;
          }
          if (what === 'assign') {
            check = { ...check, endMs: ms % 2 === 0 ? null : host.wall + 1e9 + ms };
            current.duties.set(1, [check, checkOf(4, intervalMs, 1, host.wall)], host.wall);
          }
          if (what === 'away') {
            current.duties.set(1, [], host.wall);
            await host.pass(ms);
            current.duties.set(1, [check], host.wall);
          }
          if (what === 'kill' || what === 'stop') {
            if (what === 'stop') await current.scheduler.stop();
            current.kill();
            host.wall += ms;
            host.monotonic += ms;
            current = life(host, reported, () => took, 2);
            current.duties.set(1, [check], host.wall);
          }
          latest = Math.max(latest, host.wall);
          await host.pass(1);
        }
        await host.pass(Math.max(0, latest - host.wall) + 3 * intervalMs + took + 2000);
        const until = host.wall - intervalMs - took - 1500;
        for (const target of [1, 2, 3]) expectEachOnce(reported, check, target, until);
        await current.scheduler.stop();
      },
    ),
    { numRuns: 150 },
  );
});

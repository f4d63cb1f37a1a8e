import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ClockLine, type HostClocks, type KeptLine } from './clock-line.ts';

const SEED = Number(process.env.NETSONDE_TEST_SEED ?? Math.floor(Math.random() * 1e6));
const DAY = 86_400_000;
const START = 1_700_000_000_000;

/** A host in a world whose true time is known: its clock is set, it sleeps, it boots. */
class World implements HostClocks {
  trueMs = START;
  #wallOff = 0;
  #monotonic = 1000;
  #uptime = 1000;
  boot = 'boot-1';

  wallMs = () => Math.floor(this.trueMs + this.#wallOff);
  monotonicMs = () => this.#monotonic;
  uptimeMs = () => this.#uptime;

  pass(ms: number): void {
    this.trueMs += ms;
    this.#monotonic += ms;
    this.#uptime += ms;
  }

  sleep(ms: number): void {
    this.trueMs += ms;
    this.#uptime += ms;
  }

  /** Sets the clock to so much ahead of the true time. */
  set(offMs: number): void {
    this.#wallOff = offMs;
  }

  reboot(offMs: number, downMs = 60_000): void {
    this.trueMs += downMs;
    this.#monotonic = 0;
    this.#uptime = 0;
    this.boot += "'";
    this.#wallOff = offMs;
  }

  /** What a witness with this error says of the clock as it stands. */
  said(errorMs = 5) {
    const off = this.wallMs() - this.trueMs;
    return { leastMs: off - errorMs, mostMs: off + errorMs };
  }
}

const line = (world: World, kept: KeptLine | null = null) => new ClockLine(world, world.boot, kept);

function confirmed(world: World): ClockLine {
  const one = line(world);
  one.confirm('peer', world.said());
  return one;
}

test('a clock that is set ahead or back for a while moves neither the estimate nor the least time', () => {
  for (const off of [60_000, DAY, 150 * DAY, -60_000, -DAY, -START]) {
    const world = new World();
    const one = confirmed(world);
    world.pass(1000);
    world.set(off);
    expect(one.nowMs()).toBeCloseTo(world.trueMs, -1);
    expect(one.problem).toMatchObject({ kind: 'stepped' });
    expect(Math.abs((one.problem?.byMs ?? 0) - off)).toBeLessThan(10);
    world.pass(30_000);
    expect(one.nowMs()).toBeCloseTo(world.trueMs, -1);
    expect(one.leastMs()).toBeLessThanOrEqual(world.trueMs);
    expect(one.leastMs()).toBeGreaterThan(world.trueMs - 100);
    world.set(0);
    expect(one.nowMs()).toBe(world.wallMs());
    expect(one.problem).toBeNull();
  }
});

test('sleep of the host is no step', () => {
  const world = new World();
  const one = confirmed(world);
  world.sleep(8 * 3_600_000);
  expect(one.nowMs()).toBe(world.wallMs());
  expect(one.problem).toBeNull();
  expect(one.leastMs()).toBeGreaterThan(world.trueMs - 20_000);
});

test('a step while no process runs is found by the next process of the same boot', () => {
  const world = new World();
  const kept = confirmed(world).keep(world.boot);
  world.pass(3_600_000);
  world.set(150 * DAY);
  const one = line(world, kept);
  expect(Math.abs(one.nowMs() - world.trueMs)).toBeLessThan(10);
  expect(one.witness).toBe('kept');
  world.set(0);
  expect(one.nowMs()).toBe(world.wallMs());
});

test('after a boot a clock behind the last known time goes on from there, and one ahead is used and not certain', () => {
  const world = new World();
  const kept = confirmed(world).keep(world.boot);
  const last = world.trueMs;
  world.reboot(-world.trueMs);
  const behind = line(world, kept);
  expect(behind.nowMs()).toBeGreaterThanOrEqual(last - 1);
  expect(behind.problem).toMatchObject({ kind: 'behind' });
  expect(behind.errorMs()).toBeNull();
  world.set(150 * DAY);
  const ahead = line(world, kept);
  expect(ahead.nowMs()).toBe(world.wallMs());
  expect(ahead.problem).toMatchObject({ kind: 'ahead' });
  expect(ahead.leastMs()).toBeLessThanOrEqual(world.trueMs);
  world.pass(DAY - 1000);
  expect(ahead.believeAfterADay()).toBeNull();
});

test('a witness corrects an unconfirmed estimate and says by how much, and the clock is used again once it is right', () => {
  const world = new World();
  const kept = confirmed(world).keep(world.boot);
  world.reboot(-world.trueMs, 3_600_000);
  const one = line(world, kept);
  const wrong = one.nowMs();
  const { byMs, wasUnconfirmed } = one.confirm('peer', world.said());
  expect(wasUnconfirmed).toBe(true);
  expect(wrong + byMs).toBeCloseTo(world.trueMs, -1);
  expect(one.problem).toMatchObject({ kind: 'off' });
  world.set(0);
  expect(Math.abs(one.nowMs() - world.trueMs)).toBeLessThan(10);
  expect(one.confirm('peer', world.said())).toMatchObject({ wasUnconfirmed: false });
  expect(one.problem).toBeNull();
});

test('a set clock is believed at once where a witness confirms it, and after a day where nobody can', () => {
  const world = new World();
  world.set(3_600_000);
  const one = line(world);
  world.set(0);
  expect(one.nowMs()).not.toBe(world.wallMs());
  world.pass(DAY / 2);
  expect(one.believeAfterADay()).toBeNull();
  world.pass(DAY / 2);
  expect(one.believeAfterADay()).not.toBeNull();
  expect(one.nowMs()).toBe(world.wallMs());
  const other = line(world);
  world.set(-10_000);
  other.confirm('kernel', { leastMs: -1, mostMs: 1 });
  expect(other.nowMs()).toBe(world.wallMs());
});

test('a peer that is not certain is followed once, and not when it departs later', () => {
  const world = new World();
  world.set(-DAY);
  const one = line(world);
  expect(one.follow(world.said())?.byMs).toBeCloseTo(DAY, -1);
  expect(one.errorMs()).toBeNull();
  const { leastMs, mostMs } = world.said();
  expect(one.follow({ leastMs: leastMs - 150 * DAY, mostMs: mostMs - 150 * DAY })).toBeNull();
  expect(one.nowMs()).toBeCloseTo(world.trueMs, -1);
});

test('what peers contradict is not believed after a day', () => {
  const world = new World();
  const one = line(world);
  one.contradicted(150 * DAY);
  world.pass(2 * DAY);
  expect(one.believeAfterADay()).toBeNull();
  expect(one.problem).toMatchObject({ kind: 'contradicted', byMs: 150 * DAY });
  one.contradicted(null);
  expect(one.believeAfterADay()).not.toBeNull();
});

const event = fc.oneof(
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3_600_000 }) }),
  fc.record({ do: fc.constant('sleep' as const), ms: fc.integer({ min: 1000, max: DAY }) }),
  fc.record({ do: fc.constant('set' as const), ms: fc.integer({ min: -200 * DAY, max: 200 * DAY }) }),
  fc.record({ do: fc.constant('reboot' as const), ms: fc.integer({ min: -200 * DAY, max: 200 * DAY }) }),
  fc.record({ do: fc.constant('restart' as const), ms: fc.constant(0) }),
  fc.record({ do: fc.constant('confirm' as const), ms: fc.integer({ min: 0, max: 2000 }) }),
);

test(`the stated bounds hold the truth through any history of steps, sleeps and boots (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (history) => {
      const world = new World();
      let one = line(world);
      for (const { do: what, ms } of history) {
        if (what === 'pass') world.pass(ms);
        else if (what === 'sleep') world.sleep(ms);
        else if (what === 'set') world.set(ms);
        else if (what === 'confirm') one.confirm('peer', world.said(ms));
        else {
          const kept = one.keep(world.boot);
          if (what === 'reboot') world.reboot(ms);
          one = line(world, kept);
        }
        const error = one.errorMs();
        if (error !== null) expect(Math.abs(one.nowMs() - world.trueMs)).toBeLessThanOrEqual(error + 25);
        expect(one.leastMs() ?? 0).toBeLessThanOrEqual(world.trueMs + 25);
      }
    }),
    { seed: SEED, numRuns: 500 },
  );
});

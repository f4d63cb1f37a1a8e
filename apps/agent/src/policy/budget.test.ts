import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBudget } from './budget.ts';
import { type BudgetLimits, noLimits } from './budget-limits.ts';
import { PacketRate } from './packet-rate.ts';
import { readPolicy } from './read-policy.ts';

const HOUR_MS = 3_600_000;
const NOON = 20_000 * 24 * HOUR_MS + 12 * HOUR_MS;

let folder: string;
let path: string;
let wall: number;
const clock = { wallMs: () => wall, monotonicMs: () => 0 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-budget-'));
  path = join(folder, 'budget.state');
  wall = NOON;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (limits: Partial<BudgetLimits>) => openBudget(path, { ...noLimits, ...limits }, clock);
const cost = (bytes: number, packets = 1, seconds = 1) => ({ bytes, packets, seconds });

test('without limits every run is allowed, and no file is made', () => {
  const budget = open({});
  expect(budget.refusal(cost(1e12, 1e9))).toBeNull();
  budget.close();
  expect(() => readFileSync(path)).toThrow(/ENOENT/);
});

test('a budget allows exactly its limit per hour, and starts full in the next hour', () => {
  const budget = open({ bytesPerHour: 1000 });
  expect(budget.refusal(cost(1001))).toMatch(/one run takes up to 1001 bytes, the owner's limit is 1000 per hour/);
  for (let run = 0; run < 10; run++) expect(budget.refusal(cost(100))).toBeNull();
  expect(budget.refusal(cost(1))).toMatch(/limits\.bytesPerHour\) and is reached; the next hour begins at .*T13:00:00/);
  wall = NOON + HOUR_MS;
  expect(budget.refusal(cost(1000))).toBeNull();
  budget.close();
});

test('the budgets of an hour and of a day are counted separately', () => {
  const budget = open({ bytesPerHour: 100, bytesPerDay: 150 });
  expect(budget.refusal(cost(100))).toBeNull();
  wall += HOUR_MS;
  expect(budget.refusal(cost(50))).toBeNull();
  expect(budget.refusal(cost(1))).toMatch(/bytesPerDay/);
  wall += HOUR_MS;
  expect(budget.refusal(cost(1))).toMatch(/bytesPerDay/);
  budget.close();
});

test('a crash refunds nothing and costs at most a 64th of the limit, and a clean end costs nothing', () => {
  const limits = { bytesPerDay: 6400 };
  const killed = open(limits);
  for (let run = 0; run < 32; run++) expect(killed.refusal(cost(100))).toBeNull();
  const next = open(limits);
  let left = 0;
  while (next.refusal(cost(10)) === null) left += 10;
  expect(left).toBeLessThanOrEqual(3200);
  expect(left).toBeGreaterThanOrEqual(3100);
  next.close();
  wall += 24 * HOUR_MS;
  const clean = open(limits);
  expect(clean.refusal(cost(1000))).toBeNull();
  clean.close();
  const after = open(limits);
  expect(after.refusal(cost(5401))).not.toBeNull();
  expect(after.refusal(cost(5400))).toBeNull();
  after.close();
});

test('the budget writes to the disk a few dozen times, however many runs there are', () => {
  const budget = open({ bytesPerHour: 1_000_000 });
  const images = new Set<string>();
  for (let run = 0; run < 10_000; run++) {
    expect(budget.refusal(cost(100))).toBeNull();
    if (run % 10 === 0) images.add(readFileSync(path, 'latin1'));
  }
  expect(images.size).toBeLessThanOrEqual(65);
  budget.close();
});

test('a clock that goes back refunds nothing, even where it had gone far ahead', () => {
  const budget = open({ bytesPerHour: 100 });
  expect(budget.refusal(cost(100))).toBeNull();
  wall -= 1000;
  expect(budget.refusal(cost(1))).not.toBeNull();
  wall = NOON;
  expect(budget.refusal(cost(1))).not.toBeNull();
  wall = NOON + 1000 * HOUR_MS;
  expect(budget.refusal(cost(100))).toBeNull();
  wall = NOON;
  expect(budget.refusal(cost(1))).not.toBeNull();
  wall = NOON + HOUR_MS;
  expect(budget.refusal(cost(100))).toBeNull();
  budget.close();
});

test('a counter that cannot be read counts as all spent, and a new file does not', () => {
  open({ bytesPerHour: 100 }).close();
  writeFileSync(path, Buffer.alloc(1024, 7));
  const damaged = open({ bytesPerHour: 100 });
  expect(damaged.refusal(cost(1))).not.toBeNull();
  wall += HOUR_MS;
  expect(damaged.refusal(cost(100))).toBeNull();
  damaged.close();
  writeFileSync(path, Buffer.alloc(1024));
  expect(open({ bytesPerHour: 100 }).refusal(cost(100))).toBeNull();
});

test('an agent whose counter cannot be opened does not start, and says what to do', () => {
  mkdirSync(path);
  expect(() => open({ bytesPerHour: 100 })).toThrow(
    /cannot be kept: .*budget\.state cannot be opened .*remove the limits/,
  );
});

test('no hour holds more than the limit, in any order of runs, kills and hours', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 400 }).map((bytes) => ({ bytes })) },
    { weight: 1, arbitrary: fc.constant({ kill: true as const }) },
    { weight: 1, arbitrary: fc.integer({ min: -90, max: 90 }).map((minutes) => ({ minutes })) },
  );
  await fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      rmSync(path, { force: true });
      wall = NOON;
      let budget = open({ bytesPerHour: 1000 });
      const spent = new Map<number, number>();
      for (const one of steps) {
        if ('kill' in one) budget = open({ bytesPerHour: 1000 });
        else if ('minutes' in one) wall += one.minutes * 60_000;
        else if (budget.refusal(cost(one.bytes)) === null) {
          const hour = Math.floor(wall / HOUR_MS);
          spent.set(hour, (spent.get(hour) ?? 0) + one.bytes);
        }
      }
      // The clock may go back to an earlier hour. What is spent then belongs to another real hour.
      const wentBack = steps.some((one) => 'minutes' in one && one.minutes < 0);
      for (const bytes of spent.values()) if (!wentBack) expect(bytes).toBeLessThanOrEqual(1000);
    }),
    { numRuns: 40 },
  );
});

test.each([
  [5, 1, 10],
  [5, 12, 10],
  [100, 64, 0.5],
])('%s packets a second: runs of %s packets never send more than that in the long run', (limit, packets, seconds) => {
  const rate = new PacketRate(limit, 0);
  let sent = 0;
  for (let ms = 0; ms <= 60_000; ms += 20) if (rate.refusal(packets, seconds, ms) === null) sent += packets;
  expect(sent).toBeLessThanOrEqual(limit * 60 + packets);
  expect(sent).toBeGreaterThan(limit * 60 * 0.8);
});

test('a run that alone exceeds the packet rate is never made, and one without packets always is', () => {
  const rate = new PacketRate(5, 0);
  expect(rate.refusal(51, 10, 3_600_000)).toMatch(/sends up to 51 packets in 10 s/);
  expect(rate.refusal(50, 10, 3_600_000)).toBeNull();
  expect(rate.refusal(0, 1, 3_600_000)).toBeNull();
  expect(rate.refusal(1, 1, 3_600_000)).toMatch(/limit of 5 packets per second is reached/);
});

test('the limits are read from the policy file, and an invalid file refuses everything', () => {
  const file = join(folder, 'policy.json');
  const rules = { allow: [], deny: [], only: [] };
  expect(readPolicy(file, rules).limits).toEqual(noLimits);
  writeFileSync(file, '{"limits": {"bytesPerDay": 1000000}}');
  expect(readPolicy(file, rules)).toMatchObject({ problem: null, limits: { ...noLimits, bytesPerDay: 1_000_000 } });
  for (const limits of ['{"bytesPerDay": -1}', '{"bytesPerDay": "1 GB"}', '{"bytesPerMonth": 1}', '5']) {
    writeFileSync(file, `{"limits": ${limits}}`);
    const { problem, policy } = readPolicy(file, rules);
    expect(problem).toMatch(/limits/);
    expect(policy.refusal('127.0.0.1')).toMatch(/nothing is measured/);
  }
});

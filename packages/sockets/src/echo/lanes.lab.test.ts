import { afterEach, expect, test } from 'vitest';
import { inOwnNamespace } from '../test-support.test-namespace.ts';
import { FULL_LANE, Lanes } from './lanes.ts';
import { checkRequest } from './requests.ts';
import { TrainsInFlight } from './trains-in-flight.ts';
import type { EchoRequest } from './types.ts';

const MOST = 3;
const TRAINS = 200;
const COUNT = 60;
let opened: TrainsInFlight[] = [];
let lanes: Lanes;

inOwnNamespace();
afterEach(() => lanes.close());

const open = async () => {
  const flights = await TrainsInFlight.open();
  opened.push(flights);
  return flights;
};

async function openLanes(idleMs = 60_000): Promise<void> {
  opened = [];
  lanes = new Lanes(await open(), { open, most: MOST, idleMs });
}

/** `TRAINS` trains at once, each to an address of its own, with the results of their echoes. */
async function trains(request: Partial<EchoRequest>) {
  const sum = { sent: 0, received: 0, duplicates: 0, reordered: 0, kernelStamped: 0 };
  const run = async (_: unknown, index: number) => {
    const address = `127.0.3.${1 + index}`;
    const checked = checkRequest({
      address,
      count: COUNT,
      intervalMs: 0,
      timeoutMs: 5000,
      sizeBytes: 56,
      ...request,
    });
    const { value } = await lanes.submit(checked, {});
    for (const column of Object.keys(sum) as (keyof typeof sum)[]) sum[column] += value(column);
  };
  await Promise.all(Array.from({ length: TRAINS }, run));
  return sum;
}

const whole = (echoes: number) => ({
  sent: echoes,
  received: echoes,
  duplicates: 0,
  reordered: 0,
  kernelStamped: echoes,
});

test('any number of steady trains stays on one thread', async () => {
  await openLanes();
  expect(await trains({ count: 3, intervalMs: 60 })).toEqual(whole(TRAINS * 3));
  expect(lanes.count).toBe(1);
});

test('bursts are spread over further threads, and every echo keeps to its train', async () => {
  expect(TRAINS * COUNT).toBeGreaterThan(MOST * FULL_LANE);
  await openLanes();
  // A thread starts while the first bursts are under way: how many of them that takes is the machine's affair.
  for (let burst = 0; burst < 20 && (burst < 2 || lanes.count < MOST); burst += 1)
    expect(await trains({})).toEqual(whole(TRAINS * COUNT));
  expect(lanes.count).toBe(MOST);
});

test('an idle further thread ends, and the next burst starts one again', async () => {
  await openLanes(50);
  for (let time = 0; time < 2; time += 1) {
    await trains({});
    await expect.poll(() => opened.length).toBeGreaterThan(time + 1);
    await expect.poll(() => lanes.count).toBe(1);
  }
  expect(await trains({})).toEqual(whole(TRAINS * COUNT));
});

test('a further thread that died is no longer used, and its trains report the failure', async () => {
  await openLanes();
  for (let made = 0; made < 20 && lanes.count < 2; made += 1) await trains({});
  const burst = trains({});
  opened[1]?.fail(new Error('the thread ended'));
  await expect(burst).rejects.toThrow('the thread ended');
  expect(await trains({})).toEqual(whole(TRAINS * COUNT));
});

test('closing while a further thread starts leaves no thread', async () => {
  await openLanes();
  const burst = trains({}).catch((error: Error) => error.message);
  await lanes.close();
  await burst;
  expect(opened.every(({ ended }) => ended)).toBe(true);
  await expect(trains({})).rejects.toThrow(/closed/);
});

import { text } from 'node:stream/consumers';
import type { Result, Test, TestInput } from '@netsonde/protocol/api';
import { busyCores } from '../accuracy/busy-cores.ts';
import { openProduct, type Product } from '../running/product.ts';
import { captureEchoes } from './echo-capture.ts';
import type { AccuracyOrder, StoredAccuracy } from './stored-accuracy.ts';

/**
 * Runs inside the measuring host: opens a server and an agent there, captures, lets the agent measure for a while, and
 * compares the server's stored results with the capture. Reads its options as JSON on stdin; prints figures as JSON.
 */
const order = JSON.parse(await text(process.stdin)) as AccuracyOrder;
const INTERVAL_S = 5;
const COUNT = 10;
/** Runs that are under way when the test is stopped have ended and are stored after this, ms. */
const SETTLE_MS = 6000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const product = await openProduct();
try {
  process.stdout.write(JSON.stringify(await measure(product)));
} finally {
  await product.close();
}

async function measure(product: Product): Promise<StoredAccuracy> {
  await product.startAgent('bench');
  const { id } = await product.agentInStep('bench');
  const capture = captureEchoes(order.device);
  const make = (probe: string, options: object, targets: readonly string[]) =>
    product.api.post<Test>('/tests', testOf(id, probe, options, targets));
  const icmp = await make('icmp', { count: COUNT }, order.icmpTargets);
  const http = await make('http', {}, order.httpTargets);
  const calm = order.busy ? await busyCores() : null;
  await sleep(order.seconds * 1000);
  await calm?.();
  for (const test of [icmp, http]) await product.api.post(`/tests/${test.id}/stop`);
  await sleep(SETTLE_MS);
  const wire = capture.stop();
  const httpResults = await product.api.get<Test>(`/tests/${http.id}`);
  return { ...compare(await storedOf(product, icmp), wire), httpResults: httpResults.resultCount };
}

function testOf(agent: number, probe: string, options: object, targets: readonly string[]): TestInput {
  return {
    name: probe,
    targets: targets.map((address) => ({ address })),
    checks: [{ probe, options: { ...options } }],
    agents: { by: 'chosen', agents: [agent] },
    interval: INTERVAL_S,
    duration: null,
  };
}

/** All results of a test, oldest first, by target address. */
async function storedOf(product: Product, { id }: Test): Promise<ReadonlyMap<string, readonly Result[]>> {
  const results = await product.api.get<Result[]>(`/tests/${id}/export.json`);
  const byAddress = new Map<string, Result[]>();
  for (const result of results.sort((a, b) => Date.parse(a.at) - Date.parse(b.at))) {
    const list = byAddress.get(result.address);
    if (list === undefined) byAddress.set(result.address, [result]);
    else list.push(result);
  }
  return byAddress;
}

function compare(stored: ReadonlyMap<string, readonly Result[]>, wire: ReadonlyMap<string, readonly number[]>) {
  const errors: number[] = [];
  let unstamped = 0;
  for (const [address, results] of stored) {
    const captured = wire.get(address) ?? [];
    const whole = results.filter(({ finding }) => finding?.cause !== 'cancelled');
    const rtts = whole.flatMap(({ samples }) => samples?.rtts_ms ?? []);
    if (rtts.length < whole.length * COUNT || rtts.length > captured.length)
      throw new Error(`${address}: ${whole.length} results with ${rtts.length} RTTs, ${captured.length} captured`);
    unstamped += whole.reduce((sum, { stamps }) => sum + stamps.process, 0);
    for (const [index, rtt] of rtts.entries()) errors.push(errorOf(address, rtt, captured[index] ?? Number.NaN));
  }
  errors.sort((a, b) => a - b);
  const at = (share: number) => errors[Math.ceil(errors.length * share) - 1] ?? Number.NaN;
  return { rtts: errors.length, unstamped, medianUs: at(0.5), p99Us: at(0.99), largestUs: at(1) };
}

function errorOf(address: string, rtt: number | null, captured: number): number {
  const error = Math.abs((rtt ?? Number.NaN) - captured) * 1000;
  if (Number.isNaN(error)) throw new Error(`${address}: an echo was lost: stored ${rtt}, captured ${captured}`);
  return error;
}

import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Capture, type Frame, openCapture } from '../capture/open-capture.ts';
import { inOwnNamespace, type Peer, veth } from '../test-support.test-namespace.ts';
import { type EchoEngine, openEchoEngine } from './open-echo-engine.ts';

let peer: Peer;
let engine: EchoEngine;
let capture: Capture;

inOwnNamespace();
beforeAll(async () => {
  peer = await veth('near', 'far', [
    ['10.9.0.1/24', '10.9.0.2/24'],
    ['fd09::1/64', 'fd09::2/64'],
  ]);
  engine = await openEchoEngine();
  capture = openCapture('near');
});
afterAll(async () => {
  await engine?.close();
  capture?.close();
  peer?.close();
});

const ETHERNET = 14;
const COUNT = 500;
const P99 = 494;
const P95 = 474;

/** Wire RTTs from request to answer by (id, sequence), in sending order. */
function wireRtts(frames: readonly Frame[], family: 4 | 6): number[] {
  const icmpAt = ETHERNET + (family === 4 ? 20 : 40);
  const [requestType, replyType] = family === 4 ? [8, 0] : [128, 129];
  const sentAt = new Map<number, number>();
  const rtts = new Map<number, number>();
  for (const { atNs, bytes } of frames) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint16(12) !== (family === 4 ? 0x0800 : 0x86dd) || bytes.length < icmpAt + 8) continue;
    const key = view.getUint32(icmpAt + 4);
    if (bytes[icmpAt] === requestType) sentAt.set(key, atNs);
    if (bytes[icmpAt] === replyType) rtts.set(key, atNs - (sentAt.get(key) ?? Number.NaN));
  }
  return [...sentAt.keys()].map((key) => rtts.get(key) ?? Number.NaN);
}

/** Differences between reported and captured RTTs of a train in nanoseconds, ascending. */
async function errorsOf(family: 4 | 6, address: string, label: string): Promise<number[]> {
  await engine.train({ address, count: 3, intervalMs: 5, timeoutMs: 500, sizeBytes: 56 });
  capture.read();
  const train = await engine.train({ address, count: COUNT, intervalMs: 2, timeoutMs: 500, sizeBytes: 56 });
  const wire = wireRtts(capture.read(), family);
  expect(train).toMatchObject({ sent: COUNT, received: COUNT, kernelStamped: COUNT, duplicates: 0, reordered: 0 });
  expect(wire).toHaveLength(COUNT);
  const errors = wire.map((rtt, index) => Math.abs(rtt - (train.rttsNs[index] ?? Number.NaN))).sort((x, y) => x - y);
  expect(errors.every((error) => !Number.isNaN(error))).toBe(true);
  console.info(
    `IPv${family}, ${label}: |reported - captured| median ${errors[COUNT / 2]} ns, p99 ${errors[P99]} ns, bound ${train.errorBoundNs} ns`,
  );
  expect(errors[P95]).toBeLessThanOrEqual(train.errorBoundNs ?? 0);
  return errors;
}

const GOAL_NS = 10_000;

/** The machine sometimes adds errors, and never removes any. So the best p99 of a few trains is that of the engine. */
async function leastError(family: 4 | 6, address: string, label: string): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let trains = 0; trains < 4 && least >= GOAL_NS; trains += 1)
    least = Math.min(least, (await errorsOf(family, address, label))[P99] ?? Number.NaN);
  return least;
}

test.each([
  [4, '10.9.0.2'],
  [6, 'fd09::2'],
] as const)('IPv%i RTTs agree with a capture on the own interface', async (family, address) => {
  expect(await leastError(family, address, 'idle')).toBeLessThan(GOAL_NS);
});

test('RTTs agree with the capture even with every core busy', async () => {
  const busy = cpus().map(() => spawn('timeout', ['20', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' }));
  try {
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await leastError(4, '10.9.0.2', 'every core busy')).toBeLessThan(GOAL_NS);
  } finally {
    for (const child of busy) child.kill('SIGTERM');
  }
});

test('a neighbour that does not exist is reported by this host itself', async () => {
  const train = await engine.train({ address: '10.9.0.9', count: 2, intervalMs: 10, timeoutMs: 5000, sizeBytes: 56 });
  expect(train).toMatchObject({ sent: 2, received: 0, icmpErrors: 2 });
  expect(train.error).toMatchObject({
    kind: 'unreachable',
    code: 'EHOSTUNREACH',
    icmpType: 3,
    icmpCode: 1,
    offender: '10.9.0.1',
  });
});

import { agentMessageSchema, backoffMs, MAX_FRAME_BYTES } from '@netsonde/protocol';
import { expect, test } from 'vitest';
import type { Kept } from '../spool/spool-core.ts';
import { explainDialError, explainStatus } from './explain.ts';
import { recordFrame } from './record-frames.ts';
import { parseServerUrl } from './server-url.ts';

const kept = (epoch: number, seq: number, padding = 0): Kept => ({
  epoch,
  seq,
  json: JSON.stringify({
    seq,
    t: 'run',
    check: 1,
    target: 1,
    at: 1,
    late: 0,
    took: 1,
    verdict: 'up',
    metrics: { text: 'ü'.repeat(padding) },
    absent: {},
    stamps: { kernel: 0, process: 0 },
  }),
});

test('frames carry as many records of one epoch as fit, in order, and are valid messages', () => {
  const records = [...Array.from({ length: 50 }, (_, i) => kept(1, i, 1500)), kept(1, 60), kept(2, 0)];
  const ranges: [number, readonly (readonly [number, number])[]][] = [];
  let start = 0;
  while (start < records.length) {
    const frame = recordFrame('backlog', records, start);
    expect(Buffer.byteLength(frame.text)).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    const message = agentMessageSchema.parse(JSON.parse(frame.text));
    expect(message.type === 'records' ? message.items.length : 0).toBe(frame.count);
    ranges.push([frame.epoch, frame.ranges]);
    start += frame.count;
  }
  expect(ranges.at(-1)).toEqual([2, [[0, 0]]]);
  expect(
    ranges.flatMap(([epoch, list]) => (epoch === 1 ? list : [])).reduce((sum, [from, to]) => sum + to - from + 1, 0),
  ).toBe(51);
});

test('the wait between attempts is random from zero, and its limit doubles up to half a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 50].map((failures) => backoffMs(failures, () => 1))).toEqual([
    2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
  ]);
  expect(backoffMs(3, () => 0)).toBe(0);
  expect(backoffMs(3, () => 0.5)).toBe(4000);
});

test.each([
  ['ECONNREFUSED', /nothing listens .*start the server/],
  ['ENOTFOUND', /cannot be resolved .*DNS/],
  ['ENETUNREACH', /no route .*network/],
  ['ETIMEDOUT', /does not answer .*firewalls/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /--ca/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /--ca/],
  ['EPROTO', /does not speak TLS/],
])('%s says what to do', (code, message) => {
  expect(explainDialError(parseServerUrl('http://s.example'), Object.assign(new Error('x'), { code }))).toMatch(
    message,
  );
});

test('the explanation of an HTTP answer says what to do', () => {
  const server = parseServerUrl('http://s.example');
  expect(explainStatus(server, 200)).toMatch(/not as a Netsonde server/);
  expect(explainStatus(server, 503)).toMatch(/not running, or is just starting/);
  expect(explainStatus(server, 403)).toMatch(/refuses the session \(HTTP 403\)/);
});

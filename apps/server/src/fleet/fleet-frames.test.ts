import {
  type AssignedCheck,
  agentMessageSchema,
  assignedCheckSchema,
  MAX_FRAME_BYTES,
  serverMessageSchema,
} from '@netsonde/protocol';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignmentHash, assignmentMessages } from './assignment-messages.ts';
import { readAgentMessage, storeFrame } from './read-agent-message.ts';
import { SessionRejection } from './rejection.ts';
import { receivedThatFits } from './welcome.ts';

const check = (id: number, targets: number, length: number): AssignedCheck => ({
  check: id,
  test: 1,
  probe: 'tcp',
  options: { b: 1, a: [1, 2] },
  expectations: [],
  intervalMs: 1000,
  startMs: 5,
  endMs: null,
  targets: Array.from({ length: targets }, (_, i) => ({ target: i + 1, address: 'ä'.repeat(length) })),
});

test('any assignment is split into frames within the size limit and reassembled unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 1150 })), { maxLength: 6 }),
      async (shapes) => {
        const checks = shapes.map(([targets, length], i) => check(i + 1, targets, length));
        const hash = assignmentHash(checks);
        const parts = assignmentMessages({ revision: 3, checks }, hash);
        for (const part of parts) {
          expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThanOrEqual(MAX_FRAME_BYTES);
          expect(serverMessageSchema.safeParse(part).success).toBe(true);
        }
        expect(parts.map(({ part }) => part)).toEqual(parts.map((_, i) => i));
        const whole: AssignedCheck[] = [];
        for (const piece of parts.flatMap((part) => part.checks.map((one) => assignedCheckSchema.parse(one)))) {
          const last = whole.at(-1);
          if (last?.check === piece.check) last.targets.push(...piece.targets);
          else whole.push(structuredClone(piece));
        }
        expect(assignmentHash(whole)).toBe(hash);
      },
    ),
    { numRuns: 25 },
  );
});

test('the assignment hash does not depend on the order of checks, targets and keys', () => {
  const one = check(1, 3, 2);
  const other = { ...one, options: { a: [1, 2], b: 1 }, targets: [...one.targets].reverse() };
  expect(assignmentHash([one, check(2, 1, 1)])).toBe(assignmentHash([check(2, 1, 1), other]));
  expect(assignmentHash([{ ...one, intervalMs: 2000 }])).not.toBe(assignmentHash([one]));
});

test('the ranges in the welcome fit a frame, newest epochs first', () => {
  const received = Array.from({ length: 3000 }, (_, i) => ({
    epoch: i,
    ranges: [[0, 1000 + i] as const, [5000, 6000] as const],
  }));
  const { received: fitting, receivedSince } = receivedThatFits(received);
  expect(receivedSince).toBe(fitting.at(-1)?.epoch);
  expect(receivedThatFits(received.slice(0, 3)).receivedSince).toBe(0);
  expect(fitting[0]?.epoch).toBe(2999);
  expect(fitting.length).toBeGreaterThan(500);
  expect(Buffer.byteLength(JSON.stringify(fitting))).toBeLessThan(MAX_FRAME_BYTES);
});

test.each([
  ['{"type":"records","kind":"live","epoch":17,"items":[]}', { kind: 'live', epoch: 17 }],
  [
    '{"type":"records","kind":"backlog","epoch":1700000000000,"items":[]}',
    { kind: 'backlog', epoch: 1_700_000_000_000 },
  ],
  ['{"type":"drops","epoch":3,"drops":[]}', { kind: 'drops', epoch: 3 }],
  ['{"type":"status"}', null],
  ['{"type":"records","epoch":17,"kind":"live","items":[]}', null],
])('the kind of frame %s is recognised by its first bytes', (text, expected) => {
  expect(storeFrame(Buffer.from(text))).toEqual(expected);
});

test('reading arbitrary bytes throws nothing but a rejection', async () => {
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(message, async (frame) => {
      try {
        expect(agentMessageSchema.safeParse(readAgentMessage(frame)).success).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(SessionRejection);
        expect((error as SessionRejection).code).toBe('bad_message');
      }
    }),
  );
});

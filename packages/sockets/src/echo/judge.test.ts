import { expect, test } from 'vitest';
import { ADDRESS_BYTES, REQUEST } from './boundary.ts';
import { judgeReply, type Reading } from './judge.ts';
import { LiveSocket } from './live-socket.ts';
import { FLAW } from './reply-check.ts';
import { type EchoSocket, type RunningTrain, trainFrom } from './running-train.ts';
import { SLOT } from './slots.ts';

const SENT_AT = 1_000_000;
const EPOCH = 3;

/** A train of `count` echoes with a timeout of 10 ms, under way on sequence numbers 0 to `count` - 1. */
function underWay(count: number): { socket: EchoSocket; train: RunningTrain } {
  const numbers = new Float64Array(REQUEST.columns);
  numbers[REQUEST.family] = 4;
  numbers[REQUEST.count] = count;
  numbers[REQUEST.timeoutNs] = 10e6;
  const train = trainFrom({ kind: 'submit', numbers, addresses: new Uint8Array(ADDRESS_BYTES) }, 0, 0);
  const socket = new LiveSocket<RunningTrain>({ fd: -1, via: 'raw', id: 1 }, 4, 0);
  train.open = count;
  for (let sequence = 0; sequence < count; sequence += 1) {
    socket.slots.train[sequence] = train;
    socket.slots.ordinal[sequence] = sequence;
    socket.slots.state[sequence] = SLOT.replied;
    socket.slots.epoch[sequence] = EPOCH;
    socket.slots.sentAtNs[sequence] = SENT_AT;
    socket.slots.txStampNs[sequence] = 500;
    socket.slots.rxStampNs[sequence] = 20_500;
  }
  return { socket, train };
}

function judge(socket: EchoSocket, sequence: number, ttl: number, reading: Reading, flaws: number = FLAW.none): void {
  socket.keepReply(sequence, ttl, flaws);
  judgeReply(socket, socket.replies - 1, reading);
}

const now = { monoNs: SENT_AT + 90_000, epoch: EPOCH };

test('two kernel stamps give the RTT if the clock was not set in between', () => {
  const { socket, train } = underWay(1);
  judge(socket, 0, 61, now);
  expect(train).toMatchObject({ received: 1, kernelStamped: 1, processStamped: 0, replyTtl: 61, open: 0 });
  expect(train.rtts[0]).toBe(20_000);
});

test.each([
  ['the clock was set meanwhile', { epoch: EPOCH + 1 }, {}],
  ['the send stamp is missing', {}, { txStampNs: Number.NaN }],
  ['the receive stamp is missing', {}, { rxStampNs: Number.NaN }],
  ['the receive stamp lies before the send stamp', {}, { rxStampNs: 400 }],
])('the monotonic clock times both ends when %s', (_, reading, stamps) => {
  const { socket, train } = underWay(1);
  for (const [column, value] of Object.entries(stamps)) socket.slots[column as 'txStampNs' | 'rxStampNs'][0] = value;
  judge(socket, 0, -1, { ...now, ...reading });
  expect(train).toMatchObject({ received: 1, kernelStamped: 0, processStamped: 1, replyTtl: -1 });
  expect(train.rtts[0]).toBe(90_000);
});

test('stamps decide lateness: an answer read late is in time, one that arrived late is not', () => {
  const { socket, train } = underWay(2);
  judge(socket, 0, 64, { ...now, monoNs: SENT_AT + 50e6 });
  socket.slots.rxStampNs[1] = 500 + 10e6 + 1;
  judge(socket, 1, 64, now);
  expect(train).toMatchObject({ received: 1, late: 1, open: 0 });
  expect([...train.rtts]).toEqual([20_000, Number.NaN]);
});

test('reordering counts each answer that a later echo overtook', () => {
  const { socket, train } = underWay(5);
  for (const sequence of [1, 0, 4, 2, 3]) judge(socket, sequence, 64, now);
  expect(train).toMatchObject({ received: 5, reordered: 3 });
});

test('a flawed answer in time counts as received, and under its fault', () => {
  const { socket, train } = underWay(4);
  judge(socket, 0, 64, now, FLAW.truncated);
  judge(socket, 1, 64, now, FLAW.corrupted);
  judge(socket, 2, 64, now, FLAW.truncated | FLAW.corrupted);
  socket.slots.rxStampNs[3] = 500 + 10e6 + 1;
  judge(socket, 3, 64, now, FLAW.corrupted);
  expect(train).toMatchObject({ received: 3, late: 1, truncated: 2, corrupted: 2 });
});

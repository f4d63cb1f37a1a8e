import { afterAll, beforeAll, expect, test } from 'vitest';
import { inOwnNamespace, run } from '../test-support.test-namespace.ts';
import { openTun, type Tun } from '../tun/tun.ts';
import { type EchoEngine, openEchoEngine } from './open-echo-engine.ts';

const HEADER = 40;
const ECHO_REQUEST = 128;
const ECHO_REPLY = 129;
const UNREACHABLE = 1;
const TIME_EXCEEDED = 3;
const ROUTER = Buffer.from('fd080000000000000000000000000009', 'hex');

let tun: Tun;
let engine: EchoEngine;
let timer: NodeJS.Timeout;
let answer: (packet: Buffer) => void = () => undefined;

inOwnNamespace();
beforeAll(async () => {
  tun = openTun('crafted');
  run('ip address add fd08::1/64 dev crafted nodad');
  run('ip link set crafted up');
  engine = await openEchoEngine();
  const buffer = Buffer.alloc(2048);
  timer = setInterval(() => {
    for (let length = tun.read(buffer); length !== 'again'; length = tun.read(buffer)) {
      if (buffer.readUInt8(6) === 58 && buffer.readUInt8(HEADER) === ECHO_REQUEST)
        answer(Buffer.from(buffer.subarray(0, length)));
    }
  }, 1);
});
afterAll(async () => {
  clearInterval(timer);
  await engine?.close();
  tun?.close();
});

/** The Internet checksum (RFC 1071) of the pseudo-header (RFC 8200 section 8.1) and the message. */
function checksum(addresses: Buffer, icmp: Buffer): number {
  const length = Buffer.alloc(8);
  length.writeUInt32BE(icmp.length, 0);
  length.writeUInt32BE(58, 4);
  const all = Buffer.concat([addresses, length, icmp, Buffer.alloc(icmp.length % 2)]);
  let sum = 0;
  for (let at = 0; at < all.length; at += 2) sum += all.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Sends this ICMPv6 message to the host, from `source`, with hop limit 61. */
function send(source: Buffer, echo: Buffer, icmp: Buffer): void {
  const addresses = Buffer.concat([source, echo.subarray(8, 24)]);
  icmp.writeUInt16BE(0, 2);
  icmp.writeUInt16BE(checksum(addresses, icmp), 2);
  const header = Buffer.from([0x60, 0, 0, 0, icmp.length >> 8, icmp.length & 0xff, 58, 61]);
  const packet = Buffer.concat([header, addresses, icmp]);
  tun.write(packet, packet.length);
}

function reply(echo: Buffer): void {
  const icmp = Buffer.from(echo.subarray(HEADER));
  icmp.writeUInt8(ECHO_REPLY, 0);
  send(echo.subarray(24, 40), echo, icmp);
}

function refuse(echo: Buffer, type: number, code: number): void {
  send(ROUTER, echo, Buffer.concat([Buffer.from([type, code, 0, 0, 0, 0, 0, 0]), echo]));
}

test.each([
  [TIME_EXCEEDED, 0, 'ttl_exceeded'],
  [UNREACHABLE, 3, 'unreachable'],
  [UNREACHABLE, 1, 'unreachable'],
] as const)('ICMPv6 type %i code %i finds the echo that it quotes: %s', async (type, code, kind) => {
  let index = 0;
  answer = (echo) => {
    index += 1;
    if (index === 2) refuse(echo, type, code);
    else reply(echo);
  };
  const train = await engine.train({ address: 'fd08::2', count: 3, intervalMs: 4, timeoutMs: 400, sizeBytes: 56 });
  expect(train).toMatchObject({ sent: 3, received: 2, kernelStamped: 2, icmpErrors: 1, replyTtl: 61 });
  expect(train.error).toMatchObject({ kind, call: 'icmp', icmpType: type, icmpCode: code, offender: 'fd08::9' });
  expect([...train.rttsNs].map((rtt) => rtt > 0)).toEqual([true, false, true]);
});

test('an error that quotes another host’s echo is not ours', async () => {
  answer = (echo) => {
    const foreign = Buffer.from(echo);
    foreign.writeUInt16BE(echo.readUInt16BE(HEADER + 4) ^ 1, HEADER + 4);
    refuse(foreign, UNREACHABLE, 3);
    reply(echo);
  };
  const train = await engine.train({ address: 'fd08::2', count: 3, intervalMs: 4, timeoutMs: 400, sizeBytes: 56 });
  expect(train).toMatchObject({ sent: 3, received: 3, icmpErrors: 0 });
  expect(train.error).toBeUndefined();
});

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { ServiceConfig } from './config.ts';
import type { EchoSeen } from './echo-service.ts';
import type { Service } from './service.ts';
import { startService } from './start-service.ts';

const running: Service[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
});

async function start(config: ServiceConfig): Promise<Service> {
  const service = await startService(config);
  running.push(service);
  return service;
}

/** Sends datagrams one after another and collects the answers until `quietMs` pass without any. */
async function exchange(service: Service, messages: readonly Buffer[], quietMs = 150): Promise<Buffer[]> {
  const socket = createSocket('udp4');
  const answers: Buffer[] = [];
  socket.on('message', (message) => answers.push(message));
  for (const message of messages) {
    socket.send(message, service.facts.port, '127.0.0.1');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await new Promise((resolve) => setTimeout(resolve, quietMs));
  socket.close();
  return answers;
}

test('a UDP echo drops, duplicates and corrupts the configured messages', async () => {
  const service = await start({ kind: 'udp_echo', dropEvery: 3, duplicateEvery: 4, corruptEvery: 5 });
  const messages = Array.from({ length: 6 }, (_, index) => Buffer.from([index + 1]));
  const answers = (await exchange(service, messages)).map((answer) => answer[0]);
  expect(answers).toEqual([1, 2, 4, 4, 5 ^ 0xff]);
  expect((service.seen() as EchoSeen[]).map((seen) => seen.answers)).toEqual([1, 1, 0, 2, 1, 0]);
});

test('a TCP echo returns what it receives', async () => {
  const service = await start({ kind: 'tcp_echo' });
  const socket = connect(service.facts.port, '127.0.0.1');
  socket.write('a sentence');
  expect(String((await once(socket, 'data'))[0])).toBe('a sentence');
  socket.destroy();
});

const ntpRequest = Buffer.alloc(48);
ntpRequest[0] = (4 << 3) | 3;
ntpRequest.write('ORIGINAL', 40, 'latin1');

function epochMsAt(reply: Buffer, at: number): number {
  return (reply.readUInt32BE(at) - 2_208_988_800) * 1000 + (reply.readUInt32BE(at + 4) / 2 ** 32) * 1000;
}

test('an NTP server is ahead by its offset and copies the origin timestamp', async () => {
  const service = await start({
    kind: 'ntp',
    offsetMs: 5000,
    stratum: 3,
    rootDelayMs: 250,
    rootDispersionMs: 125,
    leap: 1,
  });
  const before = Date.now();
  const [reply = Buffer.alloc(48)] = await exchange(service, [ntpRequest]);
  expect(reply[0]).toBe((1 << 6) | (4 << 3) | 4);
  expect(reply[1]).toBe(3);
  expect(reply.readUInt32BE(4)).toBe(16_384);
  expect(reply.readUInt32BE(8)).toBe(8192);
  expect(reply.toString('latin1', 24, 32)).toBe('ORIGINAL');
  expect(epochMsAt(reply, 32)).toBeGreaterThanOrEqual(before + 5000 - 1);
  expect(epochMsAt(reply, 32)).toBeLessThanOrEqual(Date.now() + 5000);
  expect(epochMsAt(reply, 40)).toBeGreaterThanOrEqual(epochMsAt(reply, 32));
});

test("an NTP server can send a kiss-o'-death, or nothing", async () => {
  const kiss = await start({ kind: 'ntp', kiss: 'RATE' });
  const [reply = Buffer.alloc(48)] = await exchange(kiss, [ntpRequest]);
  expect([reply[1], reply.toString('latin1', 12, 16)]).toEqual([0, 'RATE']);
  const silent = await start({ kind: 'ntp', silent: true });
  expect(await exchange(silent, [ntpRequest])).toEqual([]);
});

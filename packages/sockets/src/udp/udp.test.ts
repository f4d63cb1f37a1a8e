import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { openUdpSocket } from './open-udp-socket.ts';
import { roundTrip } from './round-trip.ts';
import type { UdpError, UdpEvent, UdpReceived, UdpSent, UdpSocket } from './types.ts';

const open: (UdpSocket | { close(): unknown })[] = [];
afterEach(async () => {
  for (const socket of open.splice(0)) await socket.close();
});

async function echoServer(type: 'udp4' | 'udp6', address: string): Promise<number> {
  const server: Socket = createSocket(type, (message, from) => server.send(message, from.port, from.address));
  server.bind(0, address);
  await once(server, 'listening');
  open.push({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) });
  return server.address().port;
}

async function next<K extends UdpEvent['kind']>(events: AsyncIterableIterator<UdpEvent>, ...kinds: K[]) {
  const found: UdpEvent[] = [];
  while (found.length < kinds.length) {
    const { value, done } = await events.next();
    if (done === true) throw new Error('the socket ended');
    found.push(value);
  }
  return kinds.map((kind) => found.find((event) => event.kind === kind));
}

test.each([
  [4, '127.0.0.1'],
  [6, '::1'],
] as const)('an exchange over IPv%i is stamped by the kernel on both sides', async (family, address) => {
  const port = await echoServer(family === 4 ? 'udp4' : 'udp6', address);
  const socket = await openUdpSocket({ family, localAddress: address });
  open.push(socket);
  const events = socket.events();
  const before = Date.now();
  const id = socket.send(Buffer.from('hello'), address, port);
  const [sent, received] = (await next(events, 'sent', 'received')) as [UdpSent, UdpReceived];
  expect(sent).toMatchObject({ id, stamp: 'kernel' });
  expect(received).toMatchObject({ address, port, stamp: 'kernel', ttl: 64 });
  expect(Buffer.from(received.payload).toString()).toBe('hello');
  const trip = roundTrip(sent, received);
  expect(trip.stamp).toBe('kernel');
  expect(trip.rttNs).toBeGreaterThan(0);
  expect(trip.rttNs).toBeLessThanOrEqual(received.monoNs - sent.monoNs);
  const unixMs = socket.baseSeconds * 1000 + received.rxNs / 1e6;
  expect(unixMs).toBeGreaterThan(before - 1);
  expect(unixMs).toBeLessThan(Date.now() + 1);
});

test.each([
  [4, '127.0.0.1'],
  [6, '::1'],
] as const)(
  'a socket with one peer over IPv%i receives its answer and nothing of a stranger',
  async (family, address) => {
    const type = family === 4 ? 'udp4' : 'udp6';
    const socket = await openUdpSocket({ family, localAddress: address, onePeer: true });
    open.push(socket);
    const events = socket.events();
    const peer = createSocket(type);
    const stranger = createSocket(type);
    try {
      await new Promise<void>((resolve) => peer.bind(0, address, resolve));
      const asked = once(peer, 'message');
      socket.send(Buffer.from('hello'), address, peer.address().port);
      await asked;
      const send = (from: Socket, text: string) =>
        new Promise<void>((resolve, reject) =>
          from.send(text, socket.localPort, address, (error) => (error ? reject(error) : resolve())),
        );
      for (let count = 0; count < 1000; count += 1) await send(stranger, 'flood');
      await send(peer, 'answer');
      const [, received] = (await next(events, 'sent', 'received')) as [UdpSent, UdpReceived];
      expect(Buffer.from(received.payload).toString()).toBe('answer');
    } finally {
      peer.close();
      stranger.close();
    }
  },
);

test.each([
  [4, '127.0.0.1', 3, 3],
  [6, '::1', 1, 4],
] as const)('a closed port over IPv%i differs from silence', async (family, address, icmpType, icmpCode) => {
  const socket = await openUdpSocket({ family });
  open.push(socket);
  const closed = await openUdpSocket({ family, localAddress: address });
  const port = closed.localPort;
  await closed.close();
  const events = socket.events();
  socket.send(Buffer.from('anybody?'), address, port);
  const [, error] = (await next(events, 'sent', 'error')) as [UdpSent, UdpError];
  expect(error).toMatchObject({
    origin: 'icmp',
    code: 'ECONNREFUSED',
    icmpType,
    icmpCode,
    offender: address,
    address,
    port,
  });
  expect(Buffer.from(error.payload).toString()).toBe('anybody?');
});

test('after an ICMP error the next sends still go out and keep their own stamps', async () => {
  const port = await echoServer('udp4', '127.0.0.1');
  const socket = await openUdpSocket({ family: 4 });
  open.push(socket);
  const events: UdpEvent[] = [];
  socket.listen((event) => events.push(event));
  const ids = Array.from({ length: 50 }, (_, i) => socket.send(Uint8Array.of(i), '127.0.0.1', i % 2 ? port : 9));
  const enough = () => events.filter(({ kind }) => kind === 'received').length === 25 && events.length >= 100;
  for (let waited = 0; waited < 400 && !enough(); waited += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  const sent = events.filter((event) => event.kind === 'sent');
  const received = events.filter((event) => event.kind === 'received');
  expect(sent.map(({ id }) => id).sort((a, b) => a - b)).toEqual(ids);
  expect(received.map(({ payload }) => payload[0])).toEqual(Array.from({ length: 25 }, (_, i) => i * 2 + 1));
  for (const answer of received) {
    const question = sent.find(({ id }) => id === answer.payload[0]) as UdpSent;
    expect(roundTrip(question, answer).rttNs).toBeGreaterThan(0);
  }
});

test('wrong addresses, ports and payloads are refused, a taken port names itself', async () => {
  const socket = await openUdpSocket({ family: 4, localAddress: '127.0.0.1' });
  open.push(socket);
  expect(() => socket.send(Buffer.alloc(1), '::1', 1)).toThrow(/IPv4/);
  expect(() => socket.send(Buffer.alloc(1), 'localhost', 1)).toThrow(/address/);
  expect(() => socket.send(Buffer.alloc(1), '127.0.0.1', 0)).toThrow(/port/);
  expect(() => socket.send(Buffer.alloc(70_000), '127.0.0.1', 1)).toThrow(/payload/);
  const taken = { family: 4, localAddress: '127.0.0.1', localPort: socket.localPort } as const;
  await expect(openUdpSocket(taken)).rejects.toThrow(/bind.*EADDRINUSE/);
});

test('a closed socket ends its iteration and refuses to send', async () => {
  const socket = await openUdpSocket({ family: 4 });
  const events = socket.events();
  await socket.close();
  expect((await events.next()).done).toBe(true);
  expect(() => socket.send(Buffer.alloc(1), '127.0.0.1', 9)).toThrow(/closed/);
});

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Frame, openCapture } from '../capture/open-capture.ts';
import { inOwnNamespace, type Peer as OtherHost, run, veth } from '../test-support.test-namespace.ts';
import { openPeerSocket } from './open-peer-socket.ts';
import { peerRoundTrip } from './peer-round-trip.ts';
import { openPlainPeer } from './plain-peer.ts';
import type { Arrival, Peer, PeerFailure, PeerSocket } from './types.ts';

const FAR = '10.77.0.1';
let far: OtherHost;

inOwnNamespace();
beforeAll(async () => {
  far = await veth('near0', 'far0', [
    ['10.77.0.2/24', `${FAR}/24`],
    ['fd00:77::2/64', 'fd00:77::1/64'],
  ]);
});
afterAll(() => far.close());

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function server(type: 'udp4' | 'udp6', address: string, delayMs = 0): Promise<Socket> {
  const socket = createSocket(type, (message, from) =>
    setTimeout(() => socket.send(message, from.port, from.address), delayMs),
  );
  socket.bind(0, address);
  await once(socket, 'listening');
  closing.push(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return socket;
}

/** A socket whose events can be waited for in turn. */
function listening(peer: Peer, open = openPeerSocket) {
  const arrivals: Arrival[] = [];
  const failures: PeerFailure[] = [];
  let wake = () => {};
  const socket: PeerSocket = open(peer, {
    arrived(arrival) {
      arrivals.push(arrival);
      wake();
    },
    failed(failure) {
      failures.push(failure);
      wake();
    },
  });
  closing.push(() => socket.close());
  const next = async <T>(of: T[]): Promise<T> => {
    while (of.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return of.shift() as T;
  };
  return { socket, arrivals, failures, arrived: () => next(arrivals), failed: () => next(failures) };
}

const marked = (frames: readonly Frame[], text: string): readonly Frame[] =>
  frames.filter(({ bytes }) => Buffer.from(bytes).includes(text));

describe('a peer socket', () => {
  it.each([
    [4, '127.0.0.1', 'udp4'],
    [6, '::1', 'udp6'],
  ] as const)('is stamped on both sides over IPv%i', async (family, address, type) => {
    const { port } = (await server(type, address)).address();
    const { socket, arrived } = listening({ family, address, port });
    const sent = socket.send(Buffer.from('hello'));
    const received = await arrived();
    expect(received.payload.toString()).toBe('hello');
    const { rttNs, stamp } = peerRoundTrip(sent, received);
    expect(stamp).toBe('kernel');
    expect(rttNs).toBeGreaterThan(0);
    expect(rttNs).toBeLessThanOrEqual(received.monoNs - sent.monoNs);
  });

  it('has the same stamps as a capture, for each of several datagrams', async () => {
    const capture = openCapture('lo');
    closing.push(() => capture.close());
    const { port } = (await server('udp4', '127.0.0.1', 5)).address();
    const { socket, arrived } = listening({ family: 4, address: '127.0.0.1', port });
    const texts = ['first of peer', 'second of peer', 'third of peer'];
    const frames: Frame[] = [];
    const sent = texts.map((text) => socket.send(Buffer.from(text)));
    for (const text of texts) {
      const received = await arrived();
      const departure = sent[texts.indexOf(received.payload.toString())];
      if (departure === undefined) throw new Error(`nobody sent ${received.payload}`);
      expect(received.payload.toString()).toBe(text);
      expect(peerRoundTrip(departure, received).stamp).toBe('kernel');
      // On loopback a capture shows each datagram twice: as sent and as received.
      frames.push(...capture.read());
      const seen = marked(frames, text).map(({ atNs }) => atNs);
      const wire = Math.max(...seen) - Math.min(...seen);
      expect(seen.length).toBe(4);
      expect(Math.abs(peerRoundTrip(departure, received).rttNs - wire)).toBeLessThan(100_000);
    }
  });

  it('receives only from its peer', async () => {
    const { port } = (await server('udp4', '127.0.0.1', 30)).address();
    const stranger = await server('udp4', '127.0.0.1');
    const own = { port: 0 };
    const asked = await server('udp4', '127.0.0.1');
    asked.once('message', (_, from) => {
      own.port = from.port;
    });
    const { socket, arrived, arrivals } = listening({ family: 4, address: '127.0.0.1', port: asked.address().port });
    socket.send(Buffer.from('where am I'));
    await arrived();
    stranger.send('forged', own.port, '127.0.0.1');
    const other = listening({ family: 4, address: '127.0.0.1', port });
    other.socket.send(Buffer.from('time passes'));
    await other.arrived();
    expect(own.port).toBeGreaterThan(0);
    expect(arrivals).toEqual([]);
  });

  it.each([
    [4, '127.0.0.1', 'udp4'],
    [6, '::1', 'udp6'],
  ] as const)('reports a closed port over IPv%i, and the sender of the error', async (family, address, type) => {
    const gone = createSocket(type);
    gone.bind(0, address);
    await once(gone, 'listening');
    const { port } = gone.address();
    await new Promise<void>((resolve) => gone.close(() => resolve()));
    const { socket, failed } = listening({ family, address, port });
    socket.send(Buffer.from('hello'));
    expect(await failed()).toEqual({ code: 'ECONNREFUSED', origin: 'icmp', offender: address });
  });

  it('reports pending answers when it is asked to check, and sends again after an error', async () => {
    const gone = createSocket('udp4');
    gone.bind(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address();
    await new Promise<void>((resolve) => gone.close(() => resolve()));
    const { socket, failures } = listening({ family: 4, address: '127.0.0.1', port });
    socket.send(Buffer.from('hello'));
    socket.poll();
    await Promise.resolve();
    expect(failures).toEqual([{ code: 'ECONNREFUSED', origin: 'icmp', offender: '127.0.0.1' }]);
    for (let again = 1; again < 4; again++) expect(socket.send(Buffer.from('again')).index).toBe(again);
  });

  it('receives a slow answer', async () => {
    const { port } = (await server('udp4', '127.0.0.1', 300)).address();
    const { socket, arrived } = listening({ family: 4, address: '127.0.0.1', port });
    const sent = socket.send(Buffer.from('slowly'));
    const { rttNs, stamp } = peerRoundTrip(sent, await arrived());
    expect([stamp, rttNs >= 299e6]).toEqual(['kernel', true]);
  });

  it('reports an ICMP error from a router', async () => {
    far.run('sysctl -qw net.ipv4.ip_forward=1');
    far.run('ip route add unreachable 10.78.0.0/24');
    run(`ip route add 10.78.0.0/24 via ${FAR}`);
    const { socket, failed } = listening({ family: 4, address: '10.78.0.9', port: 53 });
    socket.send(Buffer.from('hello'));
    expect(await failed()).toEqual({ code: 'EHOSTUNREACH', origin: 'icmp', offender: FAR });
  });

  it('cannot be opened without a route', () => {
    expect(() => listening({ family: 4, address: '10.99.0.1', port: 53 })).toThrow(/connect .*ENETUNREACH/);
  });

  it('finds a stamp that arrives after the send has returned', async () => {
    run('tc qdisc add dev near0 root tbf rate 80kbit burst 1000 latency 500ms');
    const { socket } = listening({ family: 4, address: FAR, port: 9 });
    const sent = ['a', 'b', 'c'].map((text) => socket.send(Buffer.alloc(400, text)));
    expect(sent[2]?.stampNs).toBeNaN();
    await expect.poll(() => sent.filter(({ stampNs }) => Number.isNaN(stampNs)).length).toBe(0);
    const [first, , third] = sent.map(({ stampNs }) => stampNs);
    expect((third ?? 0) - (first ?? 0)).toBeGreaterThan(1e6);
    run('tc qdisc del dev near0 root');
  });
});

describe('a plain peer', () => {
  it('uses the clock of the process', async () => {
    const { port } = (await server('udp4', '127.0.0.1')).address();
    const { socket, arrived } = listening({ family: 4, address: '127.0.0.1', port }, openPlainPeer);
    const sent = socket.send(Buffer.from('hello'));
    const { rttNs, stamp } = peerRoundTrip(sent, await arrived());
    expect(stamp).toBe('process');
    expect(rttNs).toBeGreaterThan(0);
  });

  it('reports a closed port', async () => {
    const { port } = (await server('udp4', '127.0.0.1')).address();
    await closing.pop()?.();
    const { socket, failed } = listening({ family: 4, address: '127.0.0.1', port }, openPlainPeer);
    socket.send(Buffer.from('hello'));
    expect(await failed()).toEqual({ code: 'ECONNREFUSED', origin: 'icmp' });
  });
});

import type { Socket } from 'node:net';
import { type Bomb, flood, trickle } from './bomb.ts';

const TIMEOUT_SECONDS = 2;
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\n';

const text = (head: string, piece: string | Buffer) => (socket: Socket) =>
  void socket
    .on('error', () => {})
    .once('data', () => {
      const bytes = Buffer.from(piece);
      socket.write(head);
      flood(socket, () => bytes);
    });

/** A frame of HTTP/2. Source: RFC 9113 section 4.1 */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const SETTINGS = frame(4, 0, 0, Buffer.alloc(0));
/** A header field, `x-a` with 100 characters, as HPACK writes it without an index. */
const FIELD = Buffer.from([0x00, 3, 0x78, 0x2d, 0x61, 100, ...Buffer.alloc(100, 97)]);

const http2 = (first: readonly Buffer[], piece: Buffer) => (socket: Socket) =>
  void socket
    .on('error', () => {})
    .once('data', () => {
      socket.write(Buffer.concat([SETTINGS, ...first]));
      flood(socket, () => piece);
    });

/** The query as an answer of this size, that claims 5,000 records. */
function answerTo(query: Buffer, size: number, changes: { wrongId?: boolean; records?: Buffer } = {}): Buffer {
  const bytes = Buffer.alloc(size);
  query.copy(bytes);
  bytes[2] = (bytes[2] ?? 0) | 0x80;
  bytes.writeUInt16BE(5000, 6);
  bytes.writeUInt16BE(0, 10);
  if (changes.wrongId === true) bytes[0] = (bytes[0] ?? 0) ^ 0xff;
  const afterQuestion = bytes.indexOf(0, 12) + 5;
  for (let at = afterQuestion; changes.records !== undefined && at < size; at += changes.records.length)
    changes.records.copy(bytes, at);
  return bytes;
}

const framed = (message: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
};

/** Answers a query over TCP. */
const overTcp = (answer: (query: Buffer) => Buffer) => (socket: Socket) =>
  void socket
    .on('error', () => {})
    .once('data', (bytes: Buffer) => {
      const message = framed(answer(bytes.subarray(2)));
      flood(socket, () => message);
    });

/** Records of class IN, type A, whose owner is a pointer to themselves, or to a pointer that points back. */
const SELF_POINTING = Buffer.from('c0000001000100000005000401020304', 'hex');
function loops(query: Buffer): Buffer {
  const bytes = answerTo(query, 60_000, { records: SELF_POINTING });
  for (let at = bytes.indexOf(0, 12) + 5; at + 2 < bytes.length; at += SELF_POINTING.length)
    bytes.writeUInt16BE(0xc000 | (at & 0x3fff), at);
  return bytes;
}

interface DnsBomb extends Pick<Bomb, 'name' | 'verdict' | 'transport' | 'alpn' | 'onConnection' | 'onMessage'> {
  /** The cause of the finding. */
  readonly cause: string;
}

/** Sends one message for 3 s at most, as fast as it can. */
const floodOfMessages =
  (answer: (query: Buffer) => Buffer): NonNullable<Bomb['onMessage']> =>
  (query, send) => {
    const bytes = answer(query);
    const endMs = Date.now() + 3000;
    const next = () => {
      if (Date.now() < endMs) send(bytes, () => setImmediate(next));
    };
    next();
  };

const https = (alpn: string, onConnection: (socket: Socket) => void) => ({
  transport: 'https' as const,
  alpn,
  onConnection,
});
const h1 = (head: string, piece: string | Buffer) => https('http/1.1', text(head, piece));
const h2 = (first: readonly Buffer[], piece: Buffer) => https('h2', http2(first, piece));

const bombs: readonly DnsBomb[] = [
  {
    name: 'messages over UDP',
    transport: 'udp',
    onMessage: floodOfMessages((query) => answerTo(query, 60_000, { wrongId: true })),
    verdict: 'down',
    cause: 'protocol_violation',
  },
  {
    name: 'a message over UDP whose names point to themselves',
    transport: 'udp',
    onMessage: (query, send) => send(loops(query), () => {}),
    verdict: 'down',
    cause: 'protocol_violation',
  },
  {
    name: 'messages over TCP',
    transport: 'tcp',
    onConnection: overTcp((query) => answerTo(query, 60_000, { wrongId: true })),
    verdict: 'down',
    cause: 'protocol_violation',
  },
  {
    name: 'a message over TCP whose names point to themselves',
    transport: 'tcp',
    onConnection: overTcp(loops),
    verdict: 'down',
    cause: 'protocol_violation',
  },
  {
    name: 'one byte at a time over TCP',
    transport: 'tcp',
    onConnection: (socket) =>
      void socket.setNoDelay(true).once('data', () => {
        socket.write(Buffer.from([255, 255]));
        trickle(socket, 'a', 1);
      }),
    verdict: 'down',
    cause: 'timeout',
  },
  {
    name: 'endless content',
    ...h1(`${OK}\r\n`, Buffer.alloc(1024, 97)),
    verdict: 'down',
    cause: 'protocol_violation',
  },
  {
    name: 'endless chunks',
    ...h1(`${OK}Transfer-Encoding: chunked\r\n\r\n`, '1\r\na\r\n'.repeat(100)),
    verdict: 'down',
    cause: 'protocol_violation',
  },
  { name: 'endless head', ...h1(OK, `X-A: ${'a'.repeat(1000)}\r\n`), verdict: 'unknown', cause: 'local_resource' },
  {
    name: 'endless interim answers',
    ...h1('', `HTTP/1.1 103 Early\r\nX-A: ${'a'.repeat(500)}\r\n\r\n`),
    verdict: 'unknown',
    cause: 'local_resource',
  },
  { name: 'HTTP/2 pings', ...h2([], frame(6, 0, 0, Buffer.alloc(8))), verdict: 'down', cause: 'protocol_violation' },
  {
    name: 'HTTP/2 settings',
    ...h2([], frame(4, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]))),
    verdict: 'down',
    cause: 'protocol_violation',
  },
  {
    name: 'HTTP/2 data beyond the window',
    ...h2([frame(1, 4, 1, Buffer.from([0x88]))], frame(0, 0, 1, Buffer.alloc(16_384))),
    verdict: 'down',
    cause: 'protocol_violation',
  },
  {
    name: 'HTTP/2 headers without an end',
    ...h2([frame(1, 0, 1, Buffer.from([0x88]))], frame(9, 0, 1, Buffer.concat([FIELD, FIELD, FIELD]))),
    verdict: 'down',
    cause: 'protocol_violation',
  },
  { name: 'HTTP/2 resets', ...h2([], frame(3, 0, 1, Buffer.alloc(4))), verdict: 'down', cause: 'closed_early' },
];

/** What a resolver can send, and the cause that the finding then has. */
export const DNS_BOMBS: readonly (Bomb & { readonly cause: string })[] = bombs.map((bomb) => ({
  ...bomb,
  probe: 'dns',
  options: { transport: bomb.transport, timeoutSeconds: TIMEOUT_SECONDS, attempts: 1 },
}));

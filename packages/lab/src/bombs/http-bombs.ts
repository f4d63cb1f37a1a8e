import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import * as zlib from 'node:zlib';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { type Bomb, flood, MIB, trickle } from './bomb.ts';

interface HttpBomb extends Pick<Bomb, 'name' | 'verdict'> {
  readonly headers?: string;
  /** The parts belong to the head. */
  readonly inHead?: boolean;
  readonly parts: () => Iterable<Buffer>;
  readonly options?: Bomb['options'];
}

const SPACES_MIB = 80;
/** So long that the time, and not the program's own bounds, would end few of them. */
const TIMEOUT_SECONDS = 5;
const JSON_PATH = { expectJsonPath: 'a = 1' };

const spaces = () => Buffer.alloc(SPACES_MIB * MIB, ' ');
/** A body that is made once: making some of them takes a second. */
const once = (make: () => Buffer) => {
  let body: Buffer | null = null;
  return () => {
    body ??= make();
    return [body];
  };
};
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const coded = (coding: string) => `Content-Encoding: ${coding}\r\n`;

/** A gzip of several members is all of their contents: 8 GiB. */
const members = () => Buffer.concat(Array<Buffer>(100).fill(gzipSync(spaces(), { level: 6 })));

function layered(layers: number): Buffer {
  let body: Buffer = Buffer.from('layers');
  for (let layer = 0; layer < layers; layer += 1) body = gzipSync(body, { level: 1 });
  return body;
}

function* endless(text: string, size: number): Iterable<Buffer> {
  const bytes = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)));
  for (let sent = 0; sent < size; sent += bytes.length) yield bytes;
}

const compress = {
  gzip: () => gzipSync(spaces(), { level: 1 }),
  deflate: () => deflateSync(spaces(), { level: 1 }),
  br: () => brotliCompressSync(spaces(), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  ...('zstdCompressSync' in zlib
    ? { zstd: () => (zlib as unknown as { zstdCompressSync(bytes: Buffer): Buffer }).zstdCompressSync(spaces()) }
    : {}),
};

const streamed: readonly HttpBomb[] = [
  ...Object.entries(compress).map(
    ([coding, body]): HttpBomb => ({
      name: `80 MiB in ${coding}, to be searched for JSON`,
      headers: coded(coding),
      parts: once(body),
      options: JSON_PATH,
      verdict: 'unknown',
    }),
  ),
  { name: '8 GiB in gzip', headers: coded('gzip'), parts: once(members), verdict: 'up' },
  {
    name: '8 GiB in gzip in gzip, to be searched for JSON',
    headers: coded('gzip, gzip'),
    parts: once(() => gzipSync(members(), { level: 1 })),
    options: JSON_PATH,
    verdict: 'unknown',
  },
  {
    name: '1,000 layers of gzip',
    headers: coded(Array(1000).fill('gzip').join(', ')),
    parts: once(() => layered(1000)),
    verdict: 'unknown',
  },
  {
    name: '64 MiB of small chunks',
    headers: 'Transfer-Encoding: chunked\r\n',
    parts: () => endless(chunk('x'), 64 * MIB),
    options: { expectBody: 'y', maxBodyBytes: MIB },
    verdict: 'unknown',
  },
  {
    name: 'chunks that are nearly all extension',
    headers: 'Transfer-Encoding: chunked\r\n',
    parts: () => endless(`1;${'e'.repeat(900)}\r\nx\r\n`, 64 * MIB),
    verdict: 'unknown',
  },
  { name: 'a head without end', headers: 'X: ', inHead: true, parts: () => endless('x', 64 * MIB), verdict: 'unknown' },
  { name: 'headers without end', inHead: true, parts: () => endless('X: y\r\n', 64 * MIB), verdict: 'unknown' },
  {
    name: 'a body without end',
    parts: () => endless('x', 1024 * MIB),
    options: { expectBody: 'y' },
    verdict: 'unknown',
  },
  {
    name: 'a body without end, of which 64 MiB are read',
    parts: () => endless('x', 1024 * MIB),
    options: { expectBody: 'y', maxBodyBytes: 64 * MIB, timeoutSeconds: 60 },
    verdict: 'unknown',
  },
  {
    name: 'nested JSON',
    parts: once(() => Buffer.from('['.repeat(4_000_000))),
    options: JSON_PATH,
    verdict: 'unknown',
  },
  {
    name: 'a huge JSON array',
    parts: once(() => Buffer.from(`[${'{},'.repeat(1_300_000)}{}]`)),
    options: JSON_PATH,
    verdict: 'down',
  },
  {
    name: 'a huge JSON text',
    parts: once(() => Buffer.from(JSON.stringify({ a: randomBytes(1_500_000).toString('hex') }))),
    options: JSON_PATH,
    verdict: 'down',
  },
  {
    name: 'JSON numbers with millions of digits',
    parts: once(() => Buffer.from(`{"a":1${'0'.repeat(3_900_000)}}`)),
    options: JSON_PATH,
    verdict: 'down',
  },
  {
    name: 'JSON texts of nothing but escapes',
    parts: once(() => Buffer.from(`{"${'\\u0041'.repeat(600_000)}":1}`)),
    options: JSON_PATH,
    verdict: 'down',
  },
  {
    name: 'HTML of nothing but elements that may name its charset',
    headers: 'Content-Type: text/html\r\n',
    parts: once(() => Buffer.from('<meta '.repeat(1_300_000))),
    options: { expectBody: 'y', expectBodyRegex: 'y', maxBodyBytes: 64 * MIB },
    verdict: 'down',
  },
  {
    name: 'HTML of letters that take three bytes each',
    headers: 'Content-Type: text/html; charset=utf-8\r\n',
    parts: once(() => Buffer.from('日'.repeat(2_700_000))),
    options: { expectBody: 'y', expectBodyRegex: 'y', expectJsonPath: 'a = 1', maxBodyBytes: 64 * MIB },
    verdict: 'down',
  },
  {
    name: 'a text for a pattern that backtracks without end',
    parts: once(() => Buffer.from('a'.repeat(100_000))),
    options: { expectBodyRegex: '^(a+)+b$' },
    verdict: 'unknown',
  },
];

function serve({ headers = '', inHead = false, parts }: HttpBomb): (socket: Socket) => void {
  return (socket) => {
    const bytes = parts()[Symbol.iterator]();
    socket.once('data', () => {
      socket.write(`HTTP/1.1 200 OK\r\n${headers}${inHead ? '' : '\r\n'}`);
      flood(socket, () => bytes.next().value);
    });
  };
}

/** Answers each request with a redirect that sets as many cookies as fit into a head. */
function redirects(socket: Socket): void {
  const cookies = Array.from({ length: 2000 }, (_, at) => `Set-Cookie: c${at}=${'x'.repeat(100)}\r\n`).join('');
  socket
    .on('error', () => {})
    .on('data', () => {
      const location = `/${randomBytes(8).toString('hex')}`;
      socket.write(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\n${cookies}Content-Length: 0\r\n\r\n`);
    });
}

const special: readonly (Pick<Bomb, 'name' | 'verdict' | 'options' | 'prepare'> &
  Required<Pick<Bomb, 'onConnection'>>)[] = [
  {
    name: 'a body of one byte in 100 ms',
    verdict: 'down',
    options: {},
    onConnection: (socket) =>
      void socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n');
        trickle(socket, 'x', 100);
      }),
  },
  {
    name: 'a head of one byte in 100 ms',
    verdict: 'down',
    options: {},
    onConnection: (socket) =>
      void socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nX: ');
        trickle(socket, 'x', 100);
      }),
  },
  {
    name: 'interim answers without end',
    verdict: 'unknown',
    options: {},
    onConnection: (socket) => {
      const piece = Buffer.from('HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n'.repeat(1000));
      socket.once('data', () => flood(socket, () => piece));
    },
  },
  {
    name: 'redirects with thousands of cookies',
    verdict: 'unknown',
    options: { timeoutSeconds: 30 },
    onConnection: redirects,
  },
];

/** What a web server can send. */
export const HTTP_BOMBS: readonly Bomb[] = [
  ...streamed.map((bomb) => ({ ...bomb, prepare: () => void bomb.parts(), onConnection: serve(bomb) })),
  ...special,
].map(({ name, verdict, options, prepare = () => {}, onConnection }) => ({
  name,
  transport: 'tcp',
  probe: 'http',
  options: { timeoutSeconds: TIMEOUT_SECONDS, ...options },
  verdict,
  prepare,
  onConnection,
}));

import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import * as zlib from 'node:zlib';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningProbes, startProbes } from './probes-process.test-support.ts';

const MIB = 1024 * 1024;
const TIMEOUT_S = 10;
const MOST_GROWTH_BYTES = 64 * MIB;

interface Bomb {
  readonly name: string;
  readonly headers?: string;
  /** The parts belong to the head. */
  readonly inHead?: boolean;
  /** Written as fast as it is read, until the client ends. */
  readonly parts: () => Iterable<Buffer>;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly verdict: string;
}

const once = (body: () => Buffer) => () => [body()];
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const SPACES_MIB = 80;
const spaces = Buffer.alloc(SPACES_MIB * MIB, ' ');
const layered = (layers: number): Buffer => {
  let body: Buffer = Buffer.from('layers');
  for (let layer = 0; layer < layers; layer += 1) body = gzipSync(body, { level: 1 });
  return body;
};
const json = { expectJsonPath: 'a = 1' };
function* endless(text: string, size: number): Iterable<Buffer> {
  const bytes = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)));
  for (let sent = 0; sent < size; sent += bytes.length) yield bytes;
}

/** A gzip of several members is all of their contents. */
const members = (): Buffer => Buffer.concat(Array<Buffer>(100).fill(gzipSync(spaces, { level: 6 })));

const compress = {
  gzip: () => gzipSync(spaces, { level: 1 }),
  deflate: () => deflateSync(spaces, { level: 1 }),
  br: () => brotliCompressSync(spaces, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  ...('zstdCompressSync' in zlib
    ? { zstd: () => (zlib as unknown as { zstdCompressSync(bytes: Buffer): Buffer }).zstdCompressSync(spaces) }
    : {}),
};

const bombs: readonly Bomb[] = [
  ...Object.entries(compress).map(([coding, body]) => ({
    name: `80 MiB in ${coding}, to be searched for JSON`,
    headers: `Content-Encoding: ${coding}\r\n`,
    parts: once(body),
    options: json,
    verdict: 'unknown',
  })),
  { name: '8 GiB in gzip', headers: 'Content-Encoding: gzip\r\n', parts: once(members), verdict: 'up' },
  {
    name: '8 GiB in gzip in gzip, to be searched for JSON',
    headers: 'Content-Encoding: gzip, gzip\r\n',
    parts: once(() => gzipSync(members(), { level: 1 })),
    options: json,
    verdict: 'unknown',
  },
  {
    name: '1,000 layers of gzip',
    headers: `Content-Encoding: ${Array(1000).fill('gzip').join(', ')}\r\n`,
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
  { name: 'nested JSON', parts: once(() => Buffer.from('['.repeat(4_000_000))), options: json, verdict: 'unknown' },
  {
    name: 'a huge JSON array',
    parts: once(() => Buffer.from(`[${'{},'.repeat(1_300_000)}{}]`)),
    options: json,
    verdict: 'down',
  },
  {
    name: 'a huge JSON text',
    parts: once(() => Buffer.from(JSON.stringify({ a: randomBytes(1_500_000).toString('hex') }))),
    options: json,
    verdict: 'down',
  },
  {
    name: 'a text for a pattern that backtracks without end',
    parts: once(() => Buffer.from('a'.repeat(100_000))),
    options: { expectBodyRegex: '^(a+)+b$' },
    verdict: 'unknown',
  },
];

let probes: RunningProbes;
beforeAll(async () => {
  probes = await startProbes();
});
afterAll(() => probes.close());

async function serving<Result>(
  { headers = '', inHead = false, parts }: Bomb,
  ask: (url: string) => Promise<Result>,
): Promise<Result> {
  const sockets = new Set<Socket>();
  const bytes = parts();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', async () => {
      socket.write(`HTTP/1.1 200 OK\r\n${headers}${inHead ? '' : '\r\n'}`);
      for (const part of bytes)
        if (socket.destroyed) return;
        else if (!socket.write(part))
          await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
      socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('a target that sends', () => {
  test.each(bombs)('$name ends in time and in bounded memory', async (bomb) => {
    const ran = await serving(bomb, (url) => probes.run('http', url, { timeoutSeconds: TIMEOUT_S, ...bomb.options }));
    const shown = JSON.stringify(ran);
    expect(ran.verdict, shown).toBe(bomb.verdict);
    expect(ran.tookMs, shown).toBeLessThan((TIMEOUT_S + 1) * 1000);
    expect(ran.grewBytes, shown).toBeLessThan(MOST_GROWTH_BYTES);
    expect(ran.longestTurnMs, shown).toBeLessThan(2000);
  });
});

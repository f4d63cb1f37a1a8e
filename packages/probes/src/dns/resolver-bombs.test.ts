import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { makeAuthority, startService } from '@netsonde/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { runProbe } from '../run/run-probe.test-support.ts';
import { dns } from './descriptor.ts';
import { dnsRunner } from './run.ts';

const MOST_GROWTH_BYTES = 64 * 1024 * 1024;
const TIMEOUT_SECONDS = 1;

/** Resolvers that never stop sending, each in its own way; another process, so that its memory and work are not counted. */
const BOMBS = `
const { createServer } = require('node:net');
const { createSocket } = require('node:dgram');
const tls = require('node:tls');
const { key, cert } = JSON.parse(process.argv[1]);
const flood = (socket, next) => {
  const push = () => {
    for (let burst = 0; burst < 64 && !socket.destroyed; burst++) if (!socket.write(next())) return socket.once('drain', push);
    if (!socket.destroyed) setImmediate(push);
  };
  socket.on('error', () => {});
  push();
};
const frame = (type, flags, stream, payload) => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type; head[4] = flags; head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};
const text = (head, piece) => (socket) => socket.once('data', () => { socket.write(head); flood(socket, () => piece); });
const http2 = (first, piece) => (socket) => socket.once('data', () => { socket.write(Buffer.concat([frame(4, 0, 0, Buffer.alloc(0)), ...first])); flood(socket, () => piece); });
const ok = 'HTTP/1.1 200 OK\\r\\nContent-Type: application/dns-message\\r\\n';
const kilobyte = Buffer.alloc(1024, 97);
const literal = Buffer.from([0x00, 3, 0x78, 0x2d, 0x61, 100, ...Buffer.alloc(100, 97)]);
const kinds = {
  'endless content': ['http/1.1', text(ok + '\\r\\n', kilobyte)],
  'endless chunks': ['http/1.1', text(ok + 'Transfer-Encoding: chunked\\r\\n\\r\\n', Buffer.from('1\\r\\na\\r\\n'.repeat(100)))],
  'endless head': ['http/1.1', text(ok, Buffer.from('X-A: ' + 'a'.repeat(1000) + '\\r\\n'))],
  'endless interim answers': ['http/1.1', text('', Buffer.from('HTTP/1.1 103 Early\\r\\nX-A: ' + 'a'.repeat(500) + '\\r\\n\\r\\n'))],
  'HTTP/2 pings': ['h2', http2([], frame(6, 0, 0, Buffer.alloc(8)))],
  'HTTP/2 settings': ['h2', http2([], frame(4, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100])))],
  'HTTP/2 data beyond the window': ['h2', http2([frame(1, 4, 1, Buffer.from([0x88]))], frame(0, 0, 1, Buffer.alloc(16384)))],
  'HTTP/2 headers without an end': ['h2', http2([frame(1, 0, 1, Buffer.from([0x88]))], frame(9, 0, 1, Buffer.concat([literal, literal, literal])))],
  'HTTP/2 resets': ['h2', http2([], frame(3, 0, 1, Buffer.alloc(4)))],
};
const ports = {};
const servers = Object.entries(kinds).map(([name, [protocol, serve]]) => [name, tls.createServer({ key, cert, ALPNProtocols: [protocol] }, serve)]);
const message = (wrongId) => (query) => {
  const bytes = Buffer.alloc(wrongId ? 60000 : 65535);
  query.copy(bytes);
  bytes[2] |= 0x80;
  bytes.writeUInt16BE(5000, 6);
  if (wrongId) bytes[0] ^= 0xff;
  return bytes;
};
servers.push(['messages over TCP', createServer((socket) => socket.once('data', (query) => {
  const bytes = message(true)(query.subarray(2));
  const length = Buffer.alloc(2); length.writeUInt16BE(bytes.length);
  const framed = Buffer.concat([length, bytes]);
  flood(socket, () => framed);
}))]);
servers.push(['one byte at a time over TCP', createServer((socket) => {
  socket.on('error', () => {}).setNoDelay(true);
  socket.once('data', () => { socket.write(Buffer.from([255, 255])); const timer = setInterval(() => socket.write('a'), 1); socket.once('close', () => clearInterval(timer)); });
})]);
const udp = createSocket('udp4');
udp.on('message', (query, { port, address }) => {
  const bytes = message(true)(query);
  const endMs = Date.now() + 3000;
  const send = () => Date.now() < endMs && udp.send(bytes, port, address, (error) => error ? undefined : setImmediate(send));
  send();
});
udp.bind(0, '127.0.0.1', () => {
  ports['messages over UDP'] = udp.address().port;
  let left = servers.length;
  for (const [name, server] of servers) server.listen(0, '127.0.0.1', () => { ports[name] = server.address().port; if (--left === 0) console.log(JSON.stringify(ports)); });
});
process.stdin.on('end', () => process.exit()).resume();
`;

const authority = makeAuthority();
const leaf = authority.issue({ names: ['127.0.0.1'] });
const bombs = spawn(process.execPath, ['-e', BOMBS, JSON.stringify({ key: leaf.keyPem, cert: leaf.chainPem })], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
let ports: Readonly<Record<string, number>> = {};

beforeAll(async () => {
  const [line] = await once(createInterface({ input: bombs.stdout }), 'line');
  ports = JSON.parse(String(line));
});

afterAll(async () => {
  const ended = once(bombs, 'close');
  bombs.stdin.end();
  await ended;
});

/** Runs the probe against one of them, and watches the memory of this process meanwhile. */
async function explode(kind: string) {
  const at = `127.0.0.1:${ports[kind]}`;
  const transport = kind.endsWith('UDP') ? 'udp' : kind.endsWith('TCP') ? 'tcp' : 'https';
  const resolver = transport === 'https' ? `https://${at}/dns-query` : at;
  const options = { transport, resolver, ca: authority.rootPem, timeoutSeconds: TIMEOUT_SECONDS, attempts: 1 };
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 10);
  const { outcome, stopped } = await runProbe(dns, dnsRunner, 'one.lab.test', options);
  clearInterval(watch);
  expect(faultsOf(dns, outcome)).toEqual([]);
  return { outcome, stopped, grownBytes: most - before };
}

describe('a resolver that never stops sending', () => {
  it.each([
    ['messages over UDP', 'protocol_violation'],
    ['messages over TCP', 'protocol_violation'],
    ['one byte at a time over TCP', 'timeout'],
    ['endless content', 'protocol_violation'],
    ['endless chunks', 'protocol_violation'],
    ['endless head', 'local_resource'],
    ['endless interim answers', 'local_resource'],
    ['HTTP/2 pings', 'protocol_violation'],
    ['HTTP/2 settings', 'protocol_violation'],
    ['HTTP/2 data beyond the window', 'protocol_violation'],
    ['HTTP/2 headers without an end', 'protocol_violation'],
    ['HTTP/2 resets', 'closed_early'],
  ])('with %s ends the run with %s, in little memory, and other checks go on', async (kind, cause) => {
    const zone = { 'one.lab.test': { records: [{ type: 'A', ttl: 5, data: '10.0.0.1' }] } } as const;
    const good = await startService({ kind: 'dns', zone });
    const options = { resolver: `127.0.0.1:${good.facts.port}`, timeoutSeconds: 10 };
    const ask = () => runProbe(dns, dnsRunner, 'one.lab.test', options);
    const others = [ask()];
    const timer = setInterval(() => others.push(ask()), 50);
    const { outcome, stopped, grownBytes } = await explode(kind);
    clearInterval(timer);
    const verdicts = (await Promise.all(others)).map((other) => other.outcome.verdict);
    await good.close();
    expect(stopped).toBeNull();
    expect(outcome.finding?.cause).toBe(cause);
    expect(grownBytes).toBeLessThan(MOST_GROWTH_BYTES);
    expect(new Set(verdicts)).toEqual(new Set(['up']));
  });
});

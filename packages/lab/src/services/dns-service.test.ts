import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  AUTHENTIC_DATA,
  type DecodedPacket,
  decode,
  encode,
  type Packet,
  RECURSION_DESIRED,
  streamDecode,
  streamEncode,
} from 'dns-packet';
import { afterEach, expect, test } from 'vitest';
import type { DnsSeen } from './dns-resolver.ts';
import { type DnsConfig, startDns } from './dns-service.ts';
import type { Service } from './service.ts';

const running: Service[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
});

async function start(config: Omit<DnsConfig, 'kind'>): Promise<Service> {
  const service = await startDns({ kind: 'dns', ...config });
  running.push(service);
  return service;
}

function question(name: string, type: 'A' | 'AAAA' | 'TXT' = 'A', flags = RECURSION_DESIRED): Packet {
  return { type: 'query', id: 4711, flags, questions: [{ name, type, class: 'IN' }] };
}

/** The decoder returns the rcode by name, which its types omit. */
type Answered = DecodedPacket & { rcode: string };

async function overUdp(service: Service, packet: Packet, waitMs = 300): Promise<Answered | undefined> {
  const socket = createSocket('udp4');
  socket.send(encode(packet), service.facts.port, '127.0.0.1');
  const timer = new AbortController();
  const timeout = setTimeout(() => timer.abort(), waitMs);
  try {
    const [message] = (await once(socket, 'message', { signal: timer.signal })) as [Buffer];
    return decode(message) as Answered;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timeout);
    socket.close();
  }
}

async function overStream(service: Service, packet: Packet, secure: boolean): Promise<Packet> {
  const socket = secure
    ? connectTls({
        host: '127.0.0.1',
        port: service.facts.tlsPort ?? 0,
        ca: service.facts.rootPem,
        servername: 'lab.test',
      })
    : connectTcp({ host: '127.0.0.1', port: service.facts.port });
  socket.write(streamEncode(packet));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return streamDecode(answer);
}

async function overHttps(service: Service, packet: Packet): Promise<Packet> {
  const call = request({
    host: '127.0.0.1',
    port: service.facts.httpsPort,
    ca: service.facts.rootPem,
    servername: 'lab.test',
    path: '/dns-query',
    method: 'POST',
    agent: false,
    headers: { 'Content-Type': 'application/dns-message' },
  });
  call.end(encode(packet));
  const [response] = await once(call, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return decode(Buffer.concat(chunks));
}

const zone = {
  'www.lab.test': { records: [{ type: 'CNAME', ttl: 60, data: 'host.lab.test' }] },
  'host.lab.test': {
    records: [
      { type: 'A', ttl: 300, data: '10.0.0.1' },
      { type: 'A', ttl: 120, data: '10.0.0.2' },
    ],
    authenticated: true,
  },
  'broken.lab.test': { rcode: 'SERVFAIL' },
  'mute.lab.test': { drop: true },
  'forged.lab.test': { wrongId: true, records: [{ type: 'A', ttl: 1, data: '10.0.0.9' }] },
  'short.lab.test': { truncate: true, records: [{ type: 'A', ttl: 1, data: '10.0.0.8' }] },
} as const;

test('answers follow aliases, with TTLs and the AD flag', async () => {
  const service = await start({ zone });
  const alias = await overUdp(service, question('WWW.lab.test'));
  expect(alias?.answers).toMatchObject([
    { type: 'CNAME', data: 'host.lab.test' },
    { type: 'A', ttl: 300, data: '10.0.0.1' },
    { type: 'A', ttl: 120, data: '10.0.0.2' },
  ]);
  const direct = await overUdp(service, question('host.lab.test'));
  expect((direct?.flags ?? 0) & AUTHENTIC_DATA).toBe(AUTHENTIC_DATA);
});

test('the server produces the configured faults: rcodes, silence, a forged id, and truncation that TCP resolves', async () => {
  const service = await start({ zone });
  expect((await overUdp(service, question('broken.lab.test')))?.rcode).toBe('SERVFAIL');
  expect((await overUdp(service, question('nobody.lab.test')))?.rcode).toBe('NXDOMAIN');
  expect(await overUdp(service, question('mute.lab.test'))).toBeUndefined();
  expect((await overUdp(service, question('forged.lab.test')))?.id).toBe(4712);
  const short = await overUdp(service, question('short.lab.test'));
  expect(short).toMatchObject({ flag_tc: true, answers: [] });
  expect((await overStream(service, question('short.lab.test'), false)).answers).toMatchObject([{ data: '10.0.0.8' }]);
});

test('DNS over TLS and over HTTPS return the same answers', async () => {
  const service = await start({ zone, encrypted: true });
  const expected = [{ data: '10.0.0.1' }, { data: '10.0.0.2' }];
  expect((await overStream(service, question('host.lab.test'), true)).answers).toMatchObject(expected);
  expect((await overHttps(service, question('host.lab.test'))).answers).toMatchObject(expected);
  expect((service.seen() as DnsSeen[]).map((query) => query.transport)).toEqual(['tls', 'https']);
});

test('a caching resolver answers RD=0 only from its cache', async () => {
  const service = await start({ zone, caching: true, originDelayMs: 5 });
  expect((await overUdp(service, question('host.lab.test', 'A', 0)))?.answers).toEqual([]);
  expect((await overUdp(service, question('host.lab.test')))?.answers).toHaveLength(2);
  expect((await overUdp(service, question('host.lab.test', 'A', 0)))?.answers).toHaveLength(2);
  expect((service.seen() as DnsSeen[]).map((query) => query.cacheHit)).toEqual([false, false, true]);
});

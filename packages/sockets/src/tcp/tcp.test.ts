import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SystemCallError } from '../kernel/errors.ts';
import { socketFd } from './socket-fd.ts';
import { decodeTcpInfo, tcpInfo } from './tcp-info.ts';
import { pathMtu, setDscp, tcpCongestion, tcpMaxSegment } from './tcp-options.ts';

let server: Server;
let client: Socket;
beforeAll(async () => {
  server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
});
afterAll(() => {
  client.destroy();
  server.close();
});

test('a new loopback connection shows the negotiated options', async () => {
  const fd = socketFd(client);
  const before = tcpInfo(fd);
  expect(before).toMatchObject({ state: 1, totalRetransmits: 0, timestamps: true, sack: true });
  expect(before.ssthreshSegments).toBeUndefined();
  expect(before.rttUs).toBeGreaterThan(0);
  expect(before.cwndSegments).toBeGreaterThan(0);
  client.write('x'.repeat(1000));
  await once(client, 'data');
  const after = tcpInfo(fd);
  expect((after.bytesReceived ?? 0) - (before.bytesReceived ?? 0)).toBe(1000);
  expect(after.bytesSent).toBe(1000);
});

test('path MTU, segment size and congestion control are the connection’s', () => {
  const fd = socketFd(client);
  expect([65_535, 65_536], 'loopback has an MTU of 65536, TCP/IPv4 cannot use its last byte').toContain(pathMtu(fd, 4));
  expect(tcpMaxSegment(fd)).toBeGreaterThan(1000);
  expect(tcpCongestion(fd)).toMatch(/^[a-z]+$/);
  setDscp(fd, 4, 46);
  expect(() => setDscp(fd, 4, 64)).toThrow(/dscp/);
});

test('a shorter struct of an older kernel leaves out the missing fields', () => {
  const view = new DataView(new ArrayBuffer(256));
  view.setUint32(68, 1234, true);
  view.setUint32(148, 99, true);
  view.setUint8(5, 4);
  view.setUint8(6, 0x97);
  const old = decodeTcpInfo(view, 104);
  expect(old).toMatchObject({ rttUs: 1234, windowScaleSend: 7, windowScaleReceive: 9, sack: false });
  expect(old.minRttUs).toBeUndefined();
  expect(decodeTcpInfo(view, 152).minRttUs).toBe(99);
});

test('a descriptor that is not a TCP socket and a destroyed socket throw', () => {
  expect(() => tcpInfo(0)).toThrow(SystemCallError);
  const dead = connect(1, '127.0.0.1');
  dead.on('error', () => undefined);
  dead.destroy();
  expect(() => socketFd(dead)).toThrow(/destroyed/);
});

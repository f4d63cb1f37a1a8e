import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type EchoService, openEchoService } from './echo-service.ts';

const open: EchoService[] = [];
afterEach(async () => {
  for (const service of open.splice(0)) await service.close();
});

describe('the echo service', () => {
  it('gives back over TCP and UDP, on one port, what it got', async () => {
    const service = await openEchoService('127.0.0.1', 0);
    open.push(service);
    const tcp = connect(service.port, '127.0.0.1');
    tcp.write('lorem ipsum');
    expect(String((await once(tcp, 'data'))[0])).toBe('lorem ipsum');
    tcp.destroy();
    const udp = createSocket('udp4');
    udp.send('dolor sit', service.port, '127.0.0.1');
    expect(String((await once(udp, 'message'))[0])).toBe('dolor sit');
    udp.close();
  });

  it('does not answer a service, which would answer in its turn', async () => {
    const [service, other] = [await openEchoService('127.0.0.1', 0), createSocket('udp4')];
    open.push(service);
    const heard: string[] = [];
    other.on('message', (message) => heard.push(String(message)));
    const low = createSocket('udp4');
    low.on('message', (message) => heard.push(String(message)));
    low.bind(1023, '127.0.0.1');
    await once(low, 'listening');
    low.send('from a service', service.port, '127.0.0.1');
    other.send('from a client', service.port, '127.0.0.1');
    await once(other, 'message');
    expect(heard).toEqual(['from a client']);
    low.close();
    other.close();
  });

  it('says which address is taken', async () => {
    const first = await openEchoService('127.0.0.1', 0);
    open.push(first);
    await expect(openEchoService('127.0.0.1', first.port)).rejects.toThrow(/EADDRINUSE/);
  });
});

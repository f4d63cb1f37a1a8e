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
  it('returns over TCP and UDP, on one port, what it received', async () => {
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

  it('does not answer another echo service, which would answer in turn, but does answer a client on the same port number', async () => {
    const heardFrom = async (port: number): Promise<string[]> => {
      const service = await openEchoService('127.0.0.1', port);
      open.push(service);
      const heard: string[] = [];
      const twin = createSocket('udp4').on('message', () => heard.push('twin'));
      twin.bind(service.port, '127.0.0.2');
      await once(twin, 'listening');
      const client = createSocket('udp4').on('message', () => heard.push('client'));
      twin.send('x', service.port, '127.0.0.1');
      client.send('x', service.port, '127.0.0.1');
      await expect.poll(() => heard).toContain('client');
      twin.close();
      client.close();
      return heard.sort();
    };
    // Outside the range of ports that the kernel assigns automatically.
    const low = await lowPort();
    expect(await heardFrom(low)).toEqual(['client']);
    expect(await heardFrom(0)).toEqual(['client', 'twin']);
  });

  it('names an address that is in use', async () => {
    const first = await openEchoService('127.0.0.1', 0);
    open.push(first);
    await expect(openEchoService('127.0.0.1', first.port)).rejects.toThrow(/EADDRINUSE/);
  });
});

/** A port that is free for both and that no kernel assigns automatically. */
async function lowPort(): Promise<number> {
  for (let port = 20_000; port < 20_100; port += 1) {
    try {
      await (await openEchoService('127.0.0.1', port)).close();
      return port;
    } catch (error) {
      if (!String(error).includes('EADDRINUSE')) throw error;
    }
  }
  throw new Error('no port from 20000 to 20099 is free');
}

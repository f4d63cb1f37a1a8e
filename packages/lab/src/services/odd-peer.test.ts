import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type PeerConfig, startPeer } from './odd-peer.ts';
import type { Service } from './service.ts';

const running: Service[] = [];
afterEach(async () => {
  for (const service of running.splice(0)) await service.close();
});

/** What a client sees that says "hello" and waits up to 200 ms. */
async function meet(config: Omit<PeerConfig, 'kind'>): Promise<{ events: string[]; bytes: number }> {
  const service = await startPeer({ kind: 'peer', ...config });
  running.push(service);
  const events: string[] = [];
  let bytes = 0;
  const socket = connect({ port: service.facts.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('connect', () => events.push('connect'));
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  socket.on('end', () => events.push('end'));
  socket.on('error', (error: NodeJS.ErrnoException) => events.push(error.code ?? error.message));
  socket.write('hello');
  await new Promise((resolve) => setTimeout(resolve, 200));
  socket.destroy();
  return { events, bytes };
}

test.each<[PeerConfig['behaviour'], string[], number]>([
  ['silent', ['connect'], 0],
  ['refusing', ['ECONNREFUSED'], 0],
  ['half_open', ['connect', 'end'], 0],
  ['rubbish', ['connect', 'end'], 256],
  ['truncating', ['connect', 'end'], 4],
  ['resetting', ['connect', 'ECONNRESET'], 0],
])('a %s peer', async (behaviour, events, bytes) => {
  expect(await meet({ behaviour, text: 'HTTP' })).toEqual({ events, bytes });
});

test('a slow peer sends one byte at a time', async () => {
  const { events, bytes } = await meet({ behaviour: 'slow', text: 'x'.repeat(100), gapMs: 40 });
  expect(events).toEqual(['connect']);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(10);
});

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startDns } from './dns-service.ts';
import { bindDatagrams, onOnePort } from './listening.ts';

const taken = () => Promise.reject(Object.assign(new Error('bind EADDRINUSE'), { code: 'EADDRINUSE' }));

test('listening on any port tries another port where the first is in use', async () => {
  const tries = [taken, taken, () => Promise.resolve('open')];
  expect(await onOnePort(0, () => (tries.shift() ?? taken)())).toBe('open');
});

test('listening fails on a fixed port in use, on another fault, and after too many ports in use', async () => {
  let tries = 0;
  const counted = (open: () => Promise<never>) => () => {
    tries += 1;
    return open();
  };
  await expect(onOnePort(53, counted(taken))).rejects.toThrow('EADDRINUSE');
  await expect(
    onOnePort(
      undefined,
      counted(() => Promise.reject(new Error('no such host'))),
    ),
  ).rejects.toThrow('host');
  expect(tries).toBe(2);
  await expect(onOnePort(0, counted(taken))).rejects.toThrow('EADDRINUSE');
  expect(tries).toBeLessThan(100);
});

test('a fixed port that another socket uses is refused by name, and no socket stays open', async () => {
  const other = createSocket('udp4');
  other.bind(0, '127.0.0.2');
  await once(other, 'listening');
  const { port } = other.address();
  await expect(bindDatagrams({ hosts: ['127.0.0.1', '127.0.0.2'], port }, () => {})).rejects.toThrow('EADDRINUSE');
  await expect(startDns({ kind: 'dns', host: '127.0.0.2', port })).rejects.toThrow('EADDRINUSE');
  await new Promise<void>((done) => other.close(done));
  const dns = await startDns({ kind: 'dns', host: '127.0.0.2', port });
  const datagrams = await bindDatagrams({ host: '127.0.0.1', port }, () => {});
  expect([dns.facts.port, datagrams.port]).toEqual([port, port]);
  await Promise.all([dns.close(), datagrams.close()]);
});

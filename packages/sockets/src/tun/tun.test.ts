import { expect, test } from 'vitest';
import { pollFds } from '../kernel/poll.ts';
import { inOwnNamespace, run } from '../test-support.test-namespace.ts';
import { openTun } from './tun.ts';

inOwnNamespace();

test('a bad name is refused before any call', () => {
  expect(() => openTun('')).toThrow(/1 to 15/);
  expect(() => openTun('a/b')).toThrow(RangeError);
});

test('packets routed to the device are read whole, and the interface goes with the device', () => {
  const tun = openTun('t%d');
  expect(tun.name).toBe('t0');
  const buffer = Buffer.alloc(2048);
  expect(tun.read(buffer)).toBe('again');
  run('sysctl -qw net.ipv6.conf.t0.disable_ipv6=1');
  run('ip address add 10.7.0.1/24 dev t0');
  run('ip link set t0 up');
  expect(pollFds([{ fd: tun.fd }], 0)).toEqual([]);
  expect(() => run('ping -n -c 1 -W 0.01 -s 100 10.7.0.2')).toThrow();
  expect(pollFds([{ fd: tun.fd }], 1000)).toEqual([{ fd: tun.fd, readable: true, writable: false, error: false }]);
  expect(tun.read(buffer)).toBe(128);
  expect([...buffer.subarray(16, 20)]).toEqual([10, 7, 0, 2]);
  tun.close();
  tun.close();
  expect(run('ip link')).not.toContain('t0:');
});

test('a name in use says which call failed', () => {
  const tun = openTun('busy');
  expect(() => openTun('busy')).toThrow(/ioctl\(TUNSETIFF\) \(busy\) failed: EBUSY/);
  tun.close();
});

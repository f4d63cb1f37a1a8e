import type { UdpError, UdpReceived, UdpSent } from '@netsonde/sockets';
import { describe, expect, test } from 'vitest';
import { Collector } from './collector.ts';
import { payloadsOf } from './payload.ts';

const payloads = payloadsOf(64, Math.random);
const PEER = { address: '2001:db8::1', port: 7 };

const sent = (id: number, txNs: number): UdpSent => ({
  kind: 'sent',
  id,
  txNs,
  stamp: 'kernel',
  epoch: 0,
  monoNs: txNs,
});
const received = (sequence: number, rxNs: number, fields: Partial<UdpReceived> = {}): UdpReceived => ({
  kind: 'received',
  payload: payloads.make(sequence),
  ...PEER,
  rxNs,
  stamp: 'kernel',
  epoch: 0,
  monoNs: rxNs + 7e6,
  ...fields,
});
const icmp = (payload: Uint8Array): UdpError => ({
  kind: 'error',
  origin: 'icmp',
  code: 'ECONNREFUSED',
  errno: 111,
  offender: PEER.address,
  payload,
  monoNs: 0,
});

/** Two datagrams under way, with the numbers 10 and 11 at the socket. */
function collecting(): Collector {
  const collector = new Collector(payloads, '2001:0db8:0:0::1', 7);
  collector.handedOver(0, 10);
  collector.handedOver(1, 11);
  return collector;
}

describe('what happens at the socket', () => {
  test('is matched to its datagram, whichever of the two stamps is read first', () => {
    const collector = collecting();
    expect(collector.take(received(1, 5e6))).toEqual([]);
    expect(collector.take(sent(10, 1e6))).toEqual([{ kind: 'sent', sequence: 0 }]);
    expect(collector.take(received(0, 6e6))).toMatchObject([{ kind: 'answered', sequence: 0, rttMs: 5, arrival: 1 }]);
    expect(collector.undecided).toEqual([1]);
    expect(collector.take(sent(11, 2e6))).toEqual([
      { kind: 'sent', sequence: 1 },
      { kind: 'answered', sequence: 1, rttMs: 3, stamps: 'kernel', arrival: 0 },
    ]);
    expect(collector.undecided).toEqual([]);
  });

  test('is timed by the process when the wall clock was set meanwhile', () => {
    const collector = collecting();
    collector.take(sent(10, 1e6));
    const [answered] = collector.take(received(0, 3600e9, { epoch: 1, monoNs: 9e6 }));
    expect(answered).toMatchObject({ kind: 'answered', rttMs: 8, stamps: 'process' });
  });

  test('is a duplicate the second time', () => {
    const collector = collecting();
    collector.take(sent(10, 1e6));
    collector.take(received(0, 2e6));
    expect(collector.take(received(0, 3e6))).toEqual([{ kind: 'duplicate', sequence: 0 }]);
  });

  test('is an answer even if truncated or damaged, and its fault is named', () => {
    const collector = collecting();
    collector.take(sent(10, 1e6));
    collector.take(sent(11, 1e6));
    const cut = payloads.make(0).subarray(0, 20);
    expect(collector.take(received(0, 2e6, { payload: cut }))).toMatchObject([{ kind: 'answered', truncated: true }]);
    const damaged = payloads.make(1).with(63, (payloads.make(1)[63] ?? 0) ^ 1);
    expect(collector.take(received(1, 2e6, { payload: damaged }))).toMatchObject([
      { kind: 'answered', corrupted: true },
    ]);
  });

  test('is ignored when it is from another address or port', () => {
    const collector = collecting();
    expect(collector.take(received(0, 2e6, { port: 8 }))).toEqual([]);
    expect(collector.take(received(0, 2e6, { address: '2001:db8::2' }))).toEqual([]);
    expect(collector.undecided).toEqual([0, 1]);
  });

  test('is a mismatch when it claims a datagram that was never sent', () => {
    expect(collecting().take(received(99, 2e6))).toEqual([{ kind: 'mismatch', bytes: 64 }]);
  });

  test('decides the datagram that an error quotes or that was refused', () => {
    const collector = collecting();
    const refused: UdpError = { ...icmp(new Uint8Array(0)), id: 11, origin: 'local', code: 'EPERM' };
    expect(collector.take(icmp(payloads.make(0).subarray(0, 20)))).toMatchObject([
      { kind: 'error', reporter: 'network' },
    ]);
    expect(collector.undecided).toEqual([1]);
    expect(collector.take(refused)).toEqual([{ kind: 'not_sent', sequence: 1, code: 'EPERM' }]);
    expect(collector.undecided).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { decodeAnswer, encodeRequest, type HeaderFault, nonceText } from './packet.ts';

/** An answer written out by hand, field by field as RFC 5905 figure 8 has them. */
function answer(change: (packet: Buffer) => void = () => {}): Buffer {
  const packet = Buffer.alloc(48);
  packet[0] = 0b01_100_100; // leap 1, version 4, mode 4
  packet[1] = 2;
  packet.writeUInt32BE(0x0001_8000, 4); // root delay 1.5 s
  packet.writeUInt32BE(0x0000_4000, 8); // root dispersion 0.25 s
  packet.writeInt8(-20, 3);
  Buffer.from([192, 0, 2, 1]).copy(packet, 12);
  Buffer.from('0102030405060708', 'hex').copy(packet, 24);
  packet.writeUInt32BE(2_208_988_800 + 1_700_000_001, 32); // T2: 1 s after the base
  packet.writeUInt32BE(0x8000_0000, 36); // and a half
  packet.writeUInt32BE(2_208_988_800 + 1_700_000_002, 40); // T3
  change(packet);
  return packet;
}

describe('NTP packets', () => {
  it('reads each field of an answer', () => {
    expect(decodeAnswer(answer(), 1_700_000_000)).toEqual({
      nonce: '0102030405060708',
      answer: {
        leap: 1,
        version: 4,
        stratum: 2,
        rootDelayMs: 1500,
        rootDispersionMs: 250,
        reference: 'c0000201',
        precisionMs: 1000 / 2 ** 20,
        receivedNs: 1.5e9,
        transmittedNs: 2e9,
        fault: null,
      },
    });
  });

  it('reads the reference of stratum 0 and 1 as letters', () => {
    const kiss = decodeAnswer(
      answer((packet) => void packet.fill(0, 1, 2).write('RATE', 12, 'latin1')),
      1_700_000_000,
    );
    expect(kiss).toMatchObject({ answer: { stratum: 0, reference: 'RATE' } });
  });

  it('uses the era nearest to now: seconds that wrapped in 2036 are not 1900', () => {
    // 2036-02-07T06:28:16Z is era 1, second 0: Unix 2 085 978 496.
    const wrapped = decodeAnswer(
      answer((packet) => void packet.writeUInt32BE(5, 32)),
      2_085_978_496,
    );
    expect(wrapped).toMatchObject({ answer: { receivedNs: 5.5e9 } });
  });

  it.each([
    ['short', (packet: Buffer) => packet.subarray(0, 47)],
    ['mode', (packet: Buffer) => Buffer.concat([Buffer.from([0b00_100_011]), packet.subarray(1)])],
    ['version', (packet: Buffer) => Buffer.concat([Buffer.from([0b00_111_100]), packet.subarray(1)])],
  ])('rejects %s', (why, change) => {
    expect(decodeAnswer(change(answer()), 1_700_000_000)).toBe(why);
  });

  const at = (offset: number, seconds: number) => (packet: Buffer) =>
    void packet.writeUInt32BE(2_208_988_800 + seconds, offset);
  const unset = (offset: number) => (packet: Buffer) => void packet.fill(0, offset, offset + 8);
  const T2_S = 1_700_000_001;
  it.each<[HeaderFault, string, (packet: Buffer) => void]>([
    ['no_time', 'a zero receive time', unset(32)],
    ['no_time', 'a zero transmit time', unset(40)],
    ['transmit_before_receive', 'a transmit time half a second before the receive time', at(40, T2_S)],
    ['reference_after_transmit', 'a reference time after the transmit time', at(16, T2_S + 60)],
  ])('names what is wrong: %s, %s', (fault, _, change) => {
    expect(decodeAnswer(answer(change), 1_700_000_000)).toMatchObject({ answer: { fault } });
  });

  it('asks as a version 4 client with nothing but a nonce', () => {
    const nonce = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    const request = encodeRequest(nonce);
    expect(request).toHaveLength(48);
    expect(request[0]).toBe(0b00_100_011);
    expect(nonceText(request.subarray(40))).toBe('0102030405060708');
    expect(request.subarray(1, 40).every((byte) => byte === 0)).toBe(true);
  });
});

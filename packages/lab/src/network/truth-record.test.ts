import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePacket } from '../emulator/packet.ts';
import { echoRequest } from '../emulator/test-packets.test-parts.ts';
import {
  addressBytes,
  addressText,
  decodeRecord,
  encodeRecord,
  RECORD_BYTES,
  type RecordFacts,
} from './truth-record.ts';

test('a record is read as it was written', () => {
  const identity = decodePacket(echoRequest(77, { tos: 0xb8, ttl: 9 }));
  if (identity === undefined) throw new Error('the packet does not decode');
  const facts: RecordFacts = {
    packet: 2 ** 40,
    direction: 'backward',
    fate: 'too_big',
    origin: 'router',
    copy: 1,
    heldBack: true,
    answered: true,
    hop: 3,
    tosWritten: 0x20,
    readAtNs: 1_795_242_003_693_019_890n,
    writtenAtNs: 1_795_242_003_703_438_856n,
    requestedDelayNs: 12_345_678.5,
  };
  const buffer = Buffer.alloc(3 * RECORD_BYTES, 0xff);
  encodeRecord(buffer, RECORD_BYTES, identity, facts);
  expect(decodeRecord(buffer, RECORD_BYTES)).toEqual({
    ...facts,
    version: 4,
    protocol: 1,
    source: '10.201.0.2',
    destination: '10.210.0.1',
    ttl: 9,
    tos: 0xb8,
    ipId: 77,
    lengthBytes: 84,
    icmpType: 8,
    icmpCode: 0,
    sourceId: 0x1234,
    destinationId: 77,
    tcpSequence: 0,
  });
  expect(buffer[RECORD_BYTES - 1]).toBe(0xff);
  expect(buffer[2 * RECORD_BYTES]).toBe(0xff);
});

test('addresses are converted to bytes and back', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const version = text.includes(':') ? 6 : 4;
      const bytes = addressBytes(text);
      expect(bytes).toHaveLength(version === 4 ? 4 : 16);
      const again = addressText(Buffer.from(bytes), 0, version);
      expect(addressBytes(again)).toEqual(bytes);
    }),
  );
  expect([...addressBytes('fd00:202::1')]).toEqual([0xfd, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  expect(addressText(Buffer.from(addressBytes('fd00:202:0:0:0::1')), 0, 6)).toBe('fd00:202::1');
});

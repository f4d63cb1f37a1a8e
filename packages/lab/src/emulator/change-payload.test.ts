import { expect, test } from 'vitest';
import { changePayload } from './change-payload.ts';
import { addWords, foldChecksum } from './checksum.ts';
import { echoRequest } from './test-packets.test-parts.ts';

test('a cut echo has the right lengths and checksums, and the bytes that are left are the same', () => {
  const packet = echoRequest(1);
  const cut = changePayload(packet, { keepBytes: 13 });
  expect(cut.length).toBe(20 + 8 + 13);
  expect(cut.readUInt16BE(2)).toBe(cut.length);
  expect(foldChecksum(addWords(cut, 0, 20))).toBe(0);
  expect(foldChecksum(addWords(cut, 20, cut.length))).toBe(0);
  expect(cut.subarray(28)).toEqual(packet.subarray(28, 41));
});

test('a flipped bit is sealed by the checksum, or left unsealed', () => {
  const sealed = changePayload(echoRequest(1), { keepBytes: 55 });
  const flipped = changePayload(sealed, { flipByte: 30 });
  expect(flipped[58]).toBe((sealed[58] ?? 0) ^ 1);
  expect(foldChecksum(addWords(flipped, 20, flipped.length))).toBe(0);
  const unsealed = changePayload(sealed, { flipByte: 30, unsealed: true });
  expect(foldChecksum(addWords(unsealed, 20, unsealed.length))).not.toBe(0);
});

test('what has no such byte stays as it is', () => {
  const packet = echoRequest(1);
  expect(changePayload(packet, { flipByte: 56 })).toBe(packet);
  expect(changePayload(packet, { keepBytes: 100 })).toBe(packet);
});

import { expect, test } from 'vitest';
import { changePayload } from './change-payload.ts';
import { addWords, foldChecksum } from './checksum.ts';
import { echoRequest } from './test-packets.test-parts.ts';

test('a truncated echo has correct lengths and checksums, and its remaining bytes are unchanged', () => {
  const packet = echoRequest(1);
  const cut = changePayload(packet, { keepBytes: 13 });
  expect(cut.length).toBe(20 + 8 + 13);
  expect(cut.readUInt16BE(2)).toBe(cut.length);
  expect(foldChecksum(addWords(cut, 0, 20))).toBe(0);
  expect(foldChecksum(addWords(cut, 20, cut.length))).toBe(0);
  expect(cut.subarray(28)).toEqual(packet.subarray(28, 41));
});

test('a flipped bit is covered by a correct checksum, or by a wrong one where the path asks for that', () => {
  const sealed = changePayload(echoRequest(1), { keepBytes: 55 });
  const flipped = changePayload(sealed, { flipByte: 30 });
  expect(flipped[58]).toBe((sealed[58] ?? 0) ^ 1);
  expect(foldChecksum(addWords(flipped, 20, flipped.length))).toBe(0);
  const unsealed = changePayload(sealed, { flipByte: 30, unsealed: true });
  expect(foldChecksum(addWords(unsealed, 20, unsealed.length))).not.toBe(0);
});

test('a packet without the byte is unchanged', () => {
  const packet = echoRequest(1);
  expect(changePayload(packet, { flipByte: 56 })).toBe(packet);
  expect(changePayload(packet, { keepBytes: 100 })).toBe(packet);
});

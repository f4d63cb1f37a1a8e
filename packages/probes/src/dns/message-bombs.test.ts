import { type Answer, encode } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { type Question, readAnswer } from './message.ts';

const question: Question = { name: 'a.test', type: 'A', dnssec: false, recursive: true, edns: true };
const QUESTION = Buffer.from('0161047465737400 0001 0001'.replaceAll(' ', ''), 'hex');
const MOST_BYTES = 65_535;

function header(answers: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(7, 0);
  bytes.writeUInt16BE(0x8000, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt16BE(answers, 6);
  return bytes;
}

/** A message of the largest size: one record that holds `names`, then as many records as fit, each with this owner. */
function bomb(names: Buffer, ownerAt: (names: number) => number): Buffer {
  const fixed = Buffer.from('0063 0001 00000005'.replaceAll(' ', ''), 'hex');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(names.length);
  const first = Buffer.concat([Buffer.from([0xc0, 12]), fixed, length, names]);
  const owner = Buffer.alloc(2);
  owner.writeUInt16BE(0xc000 | ownerAt(12 + QUESTION.length + 12));
  const record = Buffer.concat([owner, fixed, Buffer.alloc(2)]);
  const count = Math.floor((MOST_BYTES - 12 - QUESTION.length - first.length) / record.length);
  return Buffer.concat([header(count + 1), QUESTION, first, ...Array.from({ length: count }, () => record)]);
}

/** 127 labels of one byte each. */
const DEEP = Buffer.concat([...Array.from({ length: 126 }, () => Buffer.from([1, 0x61])), Buffer.alloc(1)]);

/** 126 labels, each found by a pointer to the one before. */
function pointers(start: number): Buffer {
  const parts = [Buffer.from([1, 0x61, 0])];
  for (let at = 0; at < 120; at++) {
    const part = Buffer.from([1, 0x61, 0, 0]);
    part.writeUInt16BE(0xc000 | (at === 0 ? start : start + 3 + 4 * (at - 1)), 2);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const START = 12 + QUESTION.length + 12;

describe('a message of 65,535 bytes', () => {
  it.each([
    ['of the smallest records', bomb(Buffer.alloc(0), () => 12)],
    ['of records whose names have 126 labels', bomb(DEEP, (at) => at)],
    ['of records whose names have a pointer for each label', bomb(pointers(START), (at) => at + 3 + 4 * 119)],
  ])('%s is read within its bounds', (_, bytes) => {
    expect(readAnswer(bytes, question, () => true)).toMatchObject({ answer: { records: [], malformedRecords: 0 } });
  });

  it('of 2,400 aliases is followed to its end', () => {
    const answers = Array.from({ length: 2400 }, (_, at): Answer => {
      return { type: 'CNAME', name: at === 0 ? 'a.test' : `n${at}`, ttl: 1, data: `n${at + 1}` };
    });
    const bytes = encode({ type: 'response', id: 7, questions: [{ type: 'A', name: 'a.test', class: 'IN' }], answers });
    const read = readAnswer(bytes, question, () => true);
    expect(typeof read === 'string' ? read : read.answer.records.length).toBe(2400);
  });

  it('is not needed to claim 65,535 records: one without any is refused', () => {
    expect(readAnswer(Buffer.concat([header(MOST_BYTES), QUESTION]), question, () => true)).toBe('rubbish');
  });
});

import { type Answer, AUTHENTIC_DATA, AUTHORITATIVE_ANSWER, decode, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeQuery, type Question, readAnswer } from './message.ts';
import { queryName } from './query-name.ts';

const question: Question = { name: 'one.lab.test', type: 'A', dnssec: true, recursive: true, edns: true };
const any = () => true;

const response = (change: Packet = {}): Buffer =>
  encode({
    type: 'response',
    id: 7,
    questions: [{ name: 'ONE.lab.test', type: 'A', class: 'IN' }],
    answers: [{ type: 'A', name: 'one.lab.test', ttl: 5, data: '192.0.2.1' }],
    ...change,
  });

describe('queries', () => {
  it('are written as RFC 1035 and RFC 6891 have them', () => {
    // Header: id 0x1234, RD; one question, one additional. Question: 3one3lab4test0, A, IN.
    // OPT: root name, type 41, payload 1232, extended code and version 0, DO, no data.
    const expected = '123401000001000000000001036f6e65036c616204746573740000010001000029 04d00000 8000 0000';
    expect(encodeQuery(question, 0x1234).toString('hex')).toBe(expected.replaceAll(' ', ''));
  });

  it('differ in their id, and without recursion and DNSSEC in one bit each', () => {
    expect(encodeQuery(question, 1).subarray(2)).toEqual(encodeQuery(question, 2).subarray(2));
    const plain = decode(encodeQuery({ ...question, recursive: false, dnssec: false }, 1));
    expect(plain).toMatchObject({ flag_rd: false, additionals: [{ flag_do: false }] });
    expect(decode(encodeQuery({ ...question, edns: false }, 1)).additionals).toEqual([]);
  });
});

describe('answers', () => {
  it('are accepted in any case of the name', () => {
    expect(readAnswer(response({ flags: AUTHENTIC_DATA | AUTHORITATIVE_ANSWER }), question, any)).toMatchObject({
      id: 7,
      answer: { rcode: 0, authoritative: true, authenticated: true, truncated: false, records: [{ ttl: 5 }] },
    });
  });

  it.each([
    ['id', response(), (id: number) => id === 8],
    ['question', response({ questions: [{ name: 'two.lab.test', type: 'A' }] }), any],
    ['question', response({ questions: [{ name: 'one.lab.test', type: 'AAAA' }] }), any],
    ['question', response({ questions: [] }), any],
    ['not_a_response', encodeQuery(question, 7), any],
    ['rubbish', Buffer.alloc(3), any],
  ])('are none: %s', (why, bytes, isOurs) => {
    expect(readAnswer(bytes, question, isOurs)).toBe(why);
  });

  it('may leave the question out when they refuse it', () => {
    expect(readAnswer(response({ flags: 1, questions: [], answers: [] }), question, any)).toMatchObject({
      answer: { rcode: 1 },
    });
  });

  it('have twelve bits of code with EDNS: 16 is BADVERS', () => {
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 512, extendedRcode: 1, ednsVersion: 0 } as const;
    const bytes = response({ additionals: [{ ...opt, flags: 0, flag_do: false, options: [] }] });
    expect(readAnswer(bytes, question, any)).toMatchObject({ answer: { rcode: 16 } });
  });

  it('never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const read = readAnswer(Buffer.from(bytes), question, any);
        expect(typeof read === 'string' || typeof read.answer.rcode === 'number').toBe(true);
      }),
    );
  });

  it('never throw, wherever a byte of a good one was changed', () => {
    const good = response();
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(good);
        bytes[at] = value;
        readAnswer(bytes, question, any);
      }),
    );
  });
});

describe('records', () => {
  it.each([
    ['MX', { preference: 10, exchange: 'Mail.Lab.Test.' }, '10 mail.lab.test'],
    ['SRV', { priority: 1, weight: 2, port: 5060, target: 'Sip.lab.test' }, '1 2 5060 sip.lab.test'],
    ['CAA', { flags: 0, tag: 'issue', value: 'ca.test' }, '0 issue ca.test'],
    ['TXT', ['v=spf1 ', Buffer.from('-all')], 'v=spf1 -all'],
    ['NS', 'NS1.Lab.Test', 'ns1.lab.test'],
    ['AAAA', '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    [
      'SOA',
      { mname: 'ns.t', rname: 'root.t', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
      'ns.t root.t 1 2 3 4 5',
    ],
  ] as const)('of type %s survive the wire', (type, data, text) => {
    const bytes = response({
      questions: [{ name: 'one.lab.test', type, class: 'IN' }],
      answers: [{ name: 'one.lab.test', ttl: 60, type, data } as Answer],
    });
    expect(readAnswer(bytes, { ...question, type }, any)).toMatchObject({
      answer: { records: [{ ttl: 60, type, data: text }] },
    });
  });

  it('have a time to live of 0 where its highest bit is set', () => {
    const answers: Answer[] = [{ type: 'A', name: 'one.lab.test', ttl: 0x8000_0001, data: '192.0.2.1' }];
    expect(readAnswer(response({ answers }), question, any)).toMatchObject({ answer: { records: [{ ttl: 0 }] } });
  });

  it.each([
    ['A', 3],
    ['A', 5],
    ['AAAA', 4],
    ['MX', 2],
    ['SRV', 6],
  ] as const)('of type %s with %i bytes of data are malformed and answer nothing', (type, length) => {
    const bytes = withRecord(type, Buffer.alloc(length, 1));
    expect(readAnswer(bytes, { ...question, type }, any)).toMatchObject({
      answer: { records: [], malformedRecords: 1, unrelatedRecords: 0 },
    });
  });

  it.each([
    ['of another name', { name: 'two.lab.test' }],
    ['of another type', { type: 'AAAA', data: '2001:db8::1' }],
    ['of another class', { class: 'CH' }],
  ] as const)('%s are unrelated', (_, change) => {
    const answer = { type: 'A', name: 'one.lab.test', ttl: 5, data: '192.0.2.9', ...change } as Answer;
    expect(readAnswer(response({ answers: [answer] }), question, any)).toMatchObject({
      answer: { records: [], unrelatedRecords: 1, negative: 'no_data' },
    });
  });

  it('that sign others are neither answers nor unrelated', () => {
    const signature: Answer = {
      type: 'RRSIG',
      name: 'one.lab.test',
      ttl: 5,
      data: {
        typeCovered: 'A',
        algorithm: 13,
        labels: 3,
        originalTTL: 5,
        expiration: 2,
        inception: 1,
        keyTag: 1,
        signersName: 'lab.test',
        signature: Buffer.alloc(64),
      },
    };
    const answers: Answer[] = [{ type: 'A', name: 'one.lab.test', ttl: 5, data: '192.0.2.1' }, signature];
    expect(readAnswer(response({ answers }), question, any)).toMatchObject({
      answer: { records: [{ type: 'A' }], unrelatedRecords: 0 },
    });
  });
});

describe('an answer without records', () => {
  const soa: Answer = {
    type: 'SOA',
    name: 'lab.test',
    ttl: 60,
    data: { mname: 'ns.t', rname: 'root.t', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
  };
  const ns: Answer = { type: 'NS', name: 'lab.test', ttl: 60, data: 'ns.lab.test' };

  it.each([
    ['no_data', { authorities: [soa] }],
    ['no_data', { authorities: [soa, ns] }],
    ['no_data', {}],
    ['no_data', { flags: AUTHORITATIVE_ANSWER, authorities: [ns] }],
    ['referral', { authorities: [ns] }],
    [null, { flags: 3, authorities: [soa] }],
  ] as const)('means %s with %o', (negative, change) => {
    const bytes = response({ answers: [], ...(change as Packet) });
    expect(readAnswer(bytes, question, any)).toMatchObject({ answer: { records: [], negative } });
  });

  it('still has its alias where that leads to a name without data', () => {
    const answers: Answer[] = [{ type: 'CNAME', name: 'one.lab.test', ttl: 60, data: 'empty.lab.test' }];
    expect(readAnswer(response({ answers, authorities: [soa] }), question, any)).toMatchObject({
      answer: { records: [{ type: 'CNAME' }], negative: 'no_data' },
    });
  });
});

describe('a message that is made to cost time', () => {
  it.each([
    ['a pointer to itself', Buffer.from([0xc0, 29])],
    ['a pointer forwards', Buffer.from([0xc0, 60])],
    ['a label of a reserved kind', Buffer.from([0x80, 1])],
  ])('%s is rubbish', (_, name) => {
    expect(readAnswer(withOwner(name), question, any)).toBe('rubbish');
  });

  it('a name of more than 255 bytes is rubbish', () => {
    const long = Buffer.concat([
      ...Array(5).fill(Buffer.concat([Buffer.from([60]), Buffer.alloc(60, 'a')])),
      Buffer.alloc(1),
    ]);
    expect(readAnswer(withOwner(long), question, any)).toBe('rubbish');
  });

  it('a chain of more than 127 pointers is rubbish', () => {
    const first = 28 + 1;
    const chain = Buffer.alloc(1 + 2 * 130);
    for (let at = 0; at < 130; at++) chain.writeUInt16BE(0xc000 | (at === 0 ? 28 : first + 2 * (at - 1)), 1 + 2 * at);
    const pointer = Buffer.alloc(2);
    pointer.writeUInt16BE(0xc000 | (first + 2 * 129));
    const bytes = Buffer.concat([header(1), questionBytes, chain.subarray(0, 0), chain, pointer, Buffer.alloc(10)]);
    expect(readAnswer(bytes, question, any)).toBe('rubbish');
  });

  it('an alias loop ends the chain', () => {
    const alias = (name: string, data: string): Answer => ({ type: 'CNAME', name, ttl: 1, data });
    const answers = [alias('one.lab.test', 'b.test'), alias('b.test', 'one.lab.test')];
    expect(readAnswer(response({ answers }), question, any)).toMatchObject({
      answer: { records: [{ data: 'b.test' }, { data: 'one.lab.test' }], negative: 'no_data' },
    });
  });
});

/** The question of `response`, as bytes. */
const questionBytes = encode({ type: 'query', questions: [{ name: 'one.lab.test', type: 'A', class: 'IN' }] }).subarray(
  12,
);

function header(answers: number): Buffer {
  return Buffer.from([0, 7, 0x80, 0, 0, 1, 0, answers, 0, 0, 0, 0]);
}

/** One answer whose owner is written so. */
const withOwner = (name: Buffer): Buffer =>
  Buffer.concat([header(1), questionBytes, name, Buffer.from([0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 192, 0, 2, 1])]);

/** One answer whose data are these bytes, under the question's own name. */
function withRecord(type: 'A' | 'AAAA' | 'MX' | 'SRV', data: Buffer): Buffer {
  const asked = encode({ type: 'query', questions: [{ name: 'one.lab.test', type, class: 'IN' }] }).subarray(12);
  const fixed = Buffer.alloc(10);
  asked.copy(fixed, 0, asked.length - 4, asked.length);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([header(1), asked, Buffer.from([0xc0, 12]), fixed, data]);
}

describe('names in the reverse zones', () => {
  it.each([
    ['10.2.0.52', '52.0.2.10.in-addr.arpa'], // the form of RFC 1035 section 3.5
    // RFC 3596 section 2.5
    ['4321:0:1:2:3:4:567:89ab', 'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa'],
    ['::1', `1.${'0.'.repeat(31)}ip6.arpa`],
    ['::ffff:1.2.3.4', `4.0.3.0.2.0.1.0.f.f.f.f.${'0.'.repeat(20)}ip6.arpa`],
  ])('%s is %s', (address, name) => {
    expect(queryName(address, 'PTR')).toBe(name);
  });
});

import { type Answer, AUTHENTIC_DATA, AUTHORITATIVE_ANSWER, decode, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeQuery, type Question, readAnswer } from './message.ts';
import { queryName } from './query-name.ts';
import { recordOf } from './records.ts';

const question: Question = { name: 'one.lab.test', type: 'A', dnssec: true, recursive: true };
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
  });
});

describe('answers', () => {
  it('are taken whatever the case of the name', () => {
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
    [{ type: 'MX', data: { preference: 10, exchange: 'Mail.Lab.Test.' } }, '10 mail.lab.test'],
    [{ type: 'SRV', data: { priority: 1, weight: 2, port: 5060, target: 'Sip.lab.test' } }, '1 2 5060 sip.lab.test'],
    [{ type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.test' } }, '0 issue ca.test'],
    [{ type: 'TXT', data: ['v=spf1 ', Buffer.from('-all')] }, 'v=spf1 -all'],
    [{ type: 'NS', data: 'NS1.Lab.Test' }, 'ns1.lab.test'],
    [
      {
        type: 'SOA',
        data: { mname: 'ns.t', rname: 'root.t', serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
      },
      'ns.t root.t 1 2 3 4 5',
    ],
  ])('survive the wire: %o', (record, text) => {
    const bytes = response({ answers: [{ name: 'one.lab.test', ttl: 60, ...record } as Answer] });
    expect(readAnswer(bytes, question, any)).toMatchObject({ answer: { records: [{ ttl: 60, data: text }] } });
  });

  it('of types that nobody asked for are shown as bytes', () => {
    expect(recordOf({ type: 'CERT', name: 'a', ttl: 1, data: Buffer.from('0a0b', 'hex') }).data).toBe('0a0b');
  });
});

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

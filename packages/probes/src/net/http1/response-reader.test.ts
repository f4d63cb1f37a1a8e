import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from './limits.ts';
import { type ResponseHead, ResponseReader } from './response-reader.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const TWO = 'Content-Length: 2\r\n\r\nok';

interface Reading {
  readonly state: string;
  readonly body: string;
  readonly head: ResponseHead | null;
  readonly irregular: readonly string[];
}

/** Reads an answer in pieces of these sizes; after the last byte the connection ends. */
function read(answer: string, sizes: Iterable<number> = [Number.POSITIVE_INFINITY], toHead = false): Reading {
  let head: ResponseHead | null = null;
  let body = '';
  const sink = {
    head(found: ResponseHead) {
      head = found;
    },
    content(bytes: Buffer, from: number, to: number) {
      body += bytes.toString('latin1', from, to);
    },
  };
  const reader = new ResponseReader(sink, toHead);
  let rest = Buffer.from(answer, 'latin1');
  for (const size of sizes) {
    if (rest.length === 0) break;
    reader.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  if (rest.length > 0) reader.push(rest);
  reader.end();
  return { state: reader.state, body, head, irregular: [...reader.irregularities].sort() };
}

const each = (size: number) =>
  (function* sizes() {
    for (;;) yield size;
  })();

type Expected = [name: string, answer: string, body: string, irregular?: readonly string[]];

const READABLE: readonly Expected[] = [
  ['of a length', OK + TWO, 'ok'],
  ['until the end of the connection', `${OK}\r\nuntil`, 'until'],
  ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nold', 'old'],
  ['with a head of 20 KiB in one line', `${OK}X: ${'x'.repeat(20_480)}\r\n${TWO}`, 'ok'],
  ['with a head of 70 KiB', `${OK}${`X: ${'x'.repeat(1000)}\r\n`.repeat(70)}${TWO}`, 'ok'],
  ['with a folded header', `${OK}X: a\r\n  b\r\n${TWO}`, 'ok', ['folded_header']],
  ['with a folded length', `${OK}Content-Length:\r\n 2\r\n\r\nokXX`, 'ok', ['bytes_after_answer', 'folded_header']],
  ['with a folded coding', `${OK}Transfer-Encoding:\r\n\tchunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, 'ok', ['folded_header']],
  ['with a tab behind its length', `${OK}Content-Length: 2\t\r\n\r\nok`, 'ok'],
  ['with a tab behind its coding', `${OK}Transfer-Encoding: chunked\t\r\n\r\n2\r\nok\r\n0\r\n\r\n`, 'ok'],
  ['with white space before an extension', `${CHUNKED}2 \t;a=b\r\nok\r\n0\r\n\r\n`, 'ok'],
  ['with an extension of 20 kB', `${CHUNKED}2;${'x'.repeat(20_000)}\r\nok\r\n0\r\n\r\n`, 'ok'],
  ['with padded sizes', `${CHUNKED}00000000000000000002   \r\nok\r\n0  \r\n\r\n`, 'ok'],
  ['with text behind a size', `${CHUNKED}2xyz\r\nok\r\n0\r\n\r\n`, 'ok', ['chunk_line']],
  ['with chunks that end in LF', `${CHUNKED}2\nok\n0\n\n`, 'ok', ['bare_lf']],
  ['with a trailer', `${CHUNKED}2\r\nok\r\n0\r\nX-T: 1\r\nrubbish\r\n\r\n`, 'ok'],
  ['with bytes behind it', `${OK}${TWO}XXXX`, 'ok', ['bytes_after_answer']],
  ['with bytes behind its last chunk', `${CHUNKED}2\r\nok\r\n0\r\n\r\nXX`, 'ok', ['bytes_after_answer']],
  ['of bare LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', 'ok', ['bare_lf']],
  ['with control characters', `${OK}X: a\x01b\x7f\r\n${TWO}`, 'ok', ['control_character']],
  ['with a bare CR', `${OK}X: a\rb\r\n${TWO}`, 'ok', ['bare_cr']],
  ['with a line without a colon', `${OK}rubbish\r\n${TWO}`, 'ok', ['line_without_colon']],
  ['with space before its first header', `${OK} X: a\r\n${TWO}`, 'ok', ['space_before_header']],
  ['with space before a colon', `${OK}Content-Length : 1\r\n\r\nok`, 'ok', ['space_before_colon']],
  [
    'after interim ones',
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nContent-Length: 9\r\n\r\n${OK}${TWO}`,
    'ok',
  ],
  ['without a reason', `HTTP/1.1 200\r\n${TWO}`, 'ok', ['status_line']],
  ['in small letters', `http/1.1 200 ok\r\n${TWO}`, 'ok', ['status_line']],
  ['with a line end before it', `\r\n${OK}${TWO}`, 'ok', ['bytes_before_head']],
  ['with its length twice', `${OK}Content-Length: 2\r\n${TWO}`, 'ok', ['content_length_repeated']],
  ['with a signed length', `${OK}Content-Length: +2\r\n\r\nok`, 'ok', ['content_length_form']],
  ['with text behind its length', `${OK}Content-Length: 2;\r\n\r\nok`, 'ok', ['content_length_form']],
  [
    'with a length beyond counting',
    `${OK}Content-Length: 99999999999999999999\r\n\r\nok`,
    'ok',
    ['content_length_form'],
  ],
  [
    'with a length beside chunks',
    `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    'ok',
    ['content_length_beside_chunked'],
  ],
  [
    'of HTTP/1.0 in chunks',
    'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'ok',
    ['transfer_encoding_in_http_1_0'],
  ],
  ['whose coding is none', `${OK}Transfer-Encoding: identity\r\n\r\nok`, 'ok'],
  [
    'in chunks named twice',
    `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    'ok',
    ['transfer_encoding_form'],
  ],
];

describe('an answer', () => {
  test.each(READABLE.map(([name, answer, body, irregular = []]) => ({ name, answer, body, irregular })))(
    '$name is read, whatever the pieces in which it arrives',
    ({ answer, body, irregular }) => {
      const whole = read(answer);
      expect([whole.state, whole.body, whole.irregular]).toEqual(['complete', body, irregular]);
      for (const size of [1, 2, 3, 7]) expect(read(answer, each(size)), `pieces of ${size}`).toEqual(whole);
    },
  );

  test.each([
    ['that is not HTTP', '<html>ok', 'not_http'],
    ['of white space', ' '.repeat(100), 'not_http'],
    ['with a status of four digits', `HTTP/1.1 2000 OK\r\n${TWO}`, 'bad_status_line'],
    ['with a status of two digits', `HTTP/1.1 20 OK\r\n${TWO}`, 'bad_status_line'],
    ['with a NUL in its head', `${OK}X: a\0b\r\n${TWO}`, 'nul_in_head'],
    ['with lengths that differ', `${OK}Content-Length: 1\r\n${TWO}`, 'conflicting_lengths'],
    ['with a list of lengths that differ', `${OK}Content-Length: 1, 2\r\n\r\nok`, 'conflicting_lengths'],
    ['with a negative length', `${OK}Content-Length: -2\r\n\r\nok`, 'bad_content_length'],
    ['with an empty length', `${OK}Content-Length:\r\n\r\nok`, 'bad_content_length'],
    ['with a size that is no number', `${CHUNKED}zz\r\nok`, 'bad_chunk'],
    ['with a size beyond counting', `${CHUNKED}fffffffffffffff\r\nok`, 'bad_chunk'],
    ['with a chunk longer than its size', `${CHUNKED}2\r\nokay\r\n0\r\n\r\n`, 'bad_chunk'],
    ['cut in its head', `${OK}X: y\r\n`, 'closed'],
    ['cut in its length', `${OK}Content-Length: 5\r\n\r\nok`, 'closed'],
    ['cut before its last chunk', `${CHUNKED}2\r\nok\r\n`, 'closed'],
    ['cut in its trailer', `${CHUNKED}2\r\nok\r\n0\r\n`, 'closed'],
    ['that is empty', '', 'closed'],
    ['with a head over the bound', `${OK}X: ${'x'.repeat(LIMITS.headBytes)}\r\n${TWO}`, 'head_limit'],
    ['with heads over the bound', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20_000), 'head_limit'],
    ['with a chunk line over the bound', `${CHUNKED}2;${'x'.repeat(LIMITS.chunkLineBytes)}\r\nok`, 'chunk_line_limit'],
    ['with a trailer over the bound', `${CHUNKED}0\r\n${'X: y\r\n'.repeat(LIMITS.trailerBytes / 5)}`, 'trailer_limit'],
    [
      'with chunks that are nearly all framing',
      `${CHUNKED}${`1;${'x'.repeat(500)}\r\na\r\n`.repeat(4000)}`,
      'framing_limit',
    ],
  ])('%s is refused for what it is', (_, answer, fault) => {
    expect(read(answer).state).toBe(fault);
    expect(read(answer, each(1009)).state).toBe(fault);
  });

  test.each([
    ['to a HEAD', `${OK}Content-Length: 5\r\n\r\n`, true],
    ['of status 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', false],
    ['of status 304', 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n', false],
  ])('%s ends with its head', (_, answer, toHead) => {
    const reader = new ResponseReader({ head() {}, content: () => expect.unreachable() }, toHead);
    reader.push(Buffer.from(answer));
    expect(reader.state).toBe('complete');
  });

  test.each([
    [OK + TWO, true],
    [`${CHUNKED}0\r\n\r\n`, true],
    [`${OK}Connection: x, Close\r\n${TWO}`, false],
    [`HTTP/1.0 200 OK\r\n${TWO}`, false],
    [`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${TWO}`, true],
    [`HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\n${TWO}`, false],
    [`${OK}\r\nuntil`, false],
    ['HTTP/1.1 101 Switching\r\n\r\n', false],
  ])('%j keeps its connection: %s', (answer, persistent) => {
    expect(read(answer).head?.persistent).toBe(persistent);
  });

  test('keeps the order of its headers, unfolds them and trims their values', () => {
    const { head } = read(`${OK}A: \t x \t\r\nb:\r\nA: y\r\n\t z\r\n${TWO}`);
    expect(head?.rawHeaders).toEqual(['A', 'x', 'b', '', 'A', 'y z', 'Content-Length', '2']);
  });

  test('gives the same result however its bytes are split', () => {
    const part = fc.constantFrom(
      'HTTP/1.1 200 OK',
      '\r\n',
      '\n',
      '\r',
      'Content-Length: 3',
      'Transfer-Encoding: chunked',
      ' ',
      'a',
      '3',
      ';',
      ':',
      '0',
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), sizes, (parts, pieces) => {
        const answer = `HTTP/1.1 200 OK\r\n${parts.join('')}`;
        expect(read(answer, pieces)).toEqual(read(answer));
      }),
    );
  });
});

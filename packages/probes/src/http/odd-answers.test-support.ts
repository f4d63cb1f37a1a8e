import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

/** What a server answers to the n-th request of a client, from 0, whose head this is. */
export type Answering = Buffer | ((requestHead: string, count: number) => Buffer);

/** One server that answers oddly. */
export interface OddAnswer {
  readonly name: string;
  readonly answer: Answering;
  /** The server leaves the connection open; else it closes it behind the answer. */
  readonly open?: true;
  /** Why this probe deliberately judges or counts otherwise than curl. */
  readonly unlikeCurl?: string;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const TWO = 'Content-Length: 2\r\n\r\nok';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const TEXT = 'content that was coded, '.repeat(20);

const bytes = (...parts: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

const odd = (name: string, answer: string | Buffer, more: Omit<OddAnswer, 'name' | 'answer'> = {}): OddAnswer => ({
  name,
  answer: bytes(answer),
  ...more,
});

const DISCARD = 'RFC 9112 section 6.3 has an answer with lengths that differ discarded, and browsers do';
const CUT = 'RFC 9112 section 8: an answer that ends in its head is incomplete';

const heads: readonly OddAnswer[] = [
  odd('a plain answer', OK + TWO),
  odd('no length', `${OK}\r\nuntil the end`),
  odd('HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nold'),
  odd('a header line of 20 KiB', `${OK}X: ${'x'.repeat(20_480)}\r\n${TWO}`),
  odd('a header line of 90 kB', `${OK}X: ${'x'.repeat(90_000)}\r\n${TWO}`),
  odd('a head of 70 KiB', `${OK}${`X: ${'x'.repeat(1000)}\r\n`.repeat(70)}${TWO}`),
  odd('a head of 280 kB', `${OK}${`X: ${'x'.repeat(1000)}\r\n`.repeat(280)}${TWO}`),
  odd('6,000 headers', `${OK}${'X: y\r\n'.repeat(6000)}${TWO}`),
  odd('a folded header', `${OK}X: a\r\n b\r\n${TWO}`),
  odd('a header folded with a tab', `${OK}X: a\r\n\tb\r\n${TWO}`),
  odd('a folded coding', `${OK}Transfer-Encoding:\r\n chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, {
    unlikeCurl: 'RFC 9112 section 5.2 has it unfolded; this version of curl counts the framing as content',
  }),
  odd('bare LF', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
  odd('bare LF in one line', `${OK}X: a\nContent-Length: 2\r\n\nok`),
  odd('control characters', `${OK}X: a\x01b\x7f\r\n${TWO}`),
  odd('a control character in a name', `${OK}X\x01: a\r\n${TWO}`),
  odd('a bare CR', `${OK}X: a\rb\r\n${TWO}`),
  odd('two CR before LF', `${OK}X: a\r\r\n${TWO}`),
  odd('UTF-8 in a header', `${OK}X: \xc3\xa9\r\n${TWO}`),
  odd('an empty name', `${OK}: x\r\n${TWO}`),
  odd('a name with a space', `${OK}A b: x\r\n${TWO}`),
  odd('space before the colon of the length', `${OK}Content-Length : 2\r\n\r\nok`),
  odd('space before the colon of the coding', `${OK}Transfer-Encoding : chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  odd('no reason', `HTTP/1.1 200\r\n${TWO}`),
  odd('an empty reason', `HTTP/1.1 200 \r\n${TWO}`),
  odd('a reason that is not ASCII', `HTTP/1.1 200 \xc3\xa9\xff\r\n${TWO}`),
  odd('a reason without a space', `HTTP/1.1 200OK\r\n${TWO}`),
  odd('two spaces before the status', `HTTP/1.1  200 OK\r\n${TWO}`),
  odd('a status line in small letters', `http/1.1 200 ok\r\n${TWO}`),
  odd('HTTP/2 in the status line', `HTTP/2 200\r\n${TWO}`),
  odd('status 299', `HTTP/1.1 299 Odd\r\n${TWO}`),
  odd('status 204 with bytes behind it', 'HTTP/1.1 204 No Content\r\n\r\nXXXX'),
  odd('status 204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', { open: true }),
  odd('status 204 with a coding', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n', { open: true }),
  odd('status 205 with content', `HTTP/1.1 205 Reset Content\r\n${TWO}`),
  odd('an interim answer', `HTTP/1.1 100 Continue\r\n\r\n${OK}${TWO}`),
  odd('early hints', `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}${TWO}`),
  odd('twenty interim answers', `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20)}${OK}${TWO}`),
  odd('an interim answer with a length', `HTTP/1.1 199 X\r\nContent-Length: 7\r\n\r\n${OK}${TWO}`),
  odd('an end in the head', `${OK}X: y`, { unlikeCurl: CUT }),
  odd('an end behind the status line', OK, { unlikeCurl: CUT }),
];

const lengths: readonly OddAnswer[] = [
  odd('a tab behind the length', `${OK}Content-Length: 2\t\r\n\r\nok`, { open: true }),
  odd('zeros before the length', `${OK}Content-Length: 0002\r\n\r\nok`),
  odd('a signed length', `${OK}Content-Length: +2\r\n\r\nok`),
  odd('letters behind the length', `${OK}Content-Length: 2x\r\n\r\nok`),
  odd('a fraction behind the length', `${OK}Content-Length: 2.0\r\n\r\nok`),
  odd('a length beyond counting', `${OK}Content-Length: 99999999999999999999\r\n\r\nok`),
  odd('the length twice', `${OK}Content-Length: 2\r\n${TWO}`),
  odd('the length as a list', `${OK}Content-Length: 2, 2\r\n\r\nok`),
  odd('lengths that differ', `${OK}Content-Length: 1\r\n${TWO}`, { unlikeCurl: DISCARD }),
  odd('a list of lengths that differ', `${OK}Content-Length: 2, 3\r\n\r\nok`, { unlikeCurl: DISCARD }),
  odd('bytes behind the answer', `${OK}${TWO}XXXX`),
  odd('bytes behind the answer on an open connection', `${OK}${TWO}XXXX`, { open: true }),
  odd('bytes behind an empty answer', `${OK}Content-Length: 0\r\n\r\nXXXX`),
  odd('another answer behind the answer', `${OK}${TWO}${OK}${TWO}`),
];

const chunks: readonly OddAnswer[] = [
  odd('chunks', `${CHUNKED}2\r\nok\r\n3\r\n...\r\n0\r\n\r\n`, { open: true }),
  odd('a tab behind the coding', `${OK}Transfer-Encoding: chunked\t\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  odd(
    'a tab behind the coding on an open connection',
    `${OK}Transfer-Encoding: chunked\t\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    {
      open: true,
    },
  ),
  odd('a coding in capitals', `${OK}transfer-encoding: CHUNKED\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  odd('a space before an extension', `${CHUNKED}2 ;a=b\r\nok\r\n0\r\n\r\n`),
  odd('a tab before an extension', `${CHUNKED}2\t;a=b\r\nok\r\n0\r\n\r\n`),
  odd('a quoted extension', `${CHUNKED}2;a="b;c"\r\nok\r\n0;x\r\n\r\n`),
  odd('an extension of 20 kB', `${CHUNKED}2;${'x'.repeat(20_000)}\r\nok\r\n0\r\n\r\n`),
  odd('padded sizes', `${CHUNKED}2   \r\nok\r\n0   \r\n\r\n`),
  odd('zeros before sizes', `${CHUNKED}00000002\r\nok\r\n0000\r\n\r\n`),
  odd('text behind a size', `${CHUNKED}2xyz\r\nok\r\n0\r\n\r\n`),
  odd('chunks that end in LF', `${CHUNKED}2\nok\n0\n\n`),
  odd('two CR behind a chunk', `${CHUNKED}2\r\nok\r\r\n0\r\n\r\n`),
  odd('a trailer', `${CHUNKED}2\r\nok\r\n0\r\nX-T: 1\r\nY: 2\r\n\r\n`),
  odd('a trailer that ends in LF', `${CHUNKED}2\r\nok\r\n0\r\nX-T: 1\n\n`),
  odd('bytes behind the last chunk', `${CHUNKED}2\r\nok\r\n0\r\n\r\nXXXX`),
  odd(
    'a length before the coding',
    `${OK}Content-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  ),
  odd('a length behind the coding', `${OK}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  odd('chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
  odd('the coding twice', `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  odd(
    'the coding in two headers',
    `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  ),
  odd('commas around the coding', `${OK}Transfer-Encoding: ,chunked,\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  odd('identity before chunks', `${OK}Transfer-Encoding: identity, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  odd('identity behind chunks', `${OK}Transfer-Encoding: chunked, identity\r\n\r\n2\r\nok\r\n0\r\n\r\n`),
  odd('identity alone', `${OK}Transfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok`),
  odd('identity with a length that is too small', `${OK}Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nok`),
  odd('identity with a length that is too large', `${OK}Transfer-Encoding: identity\r\nContent-Length: 9\r\n\r\nok`),
  odd('identity with lengths that differ', `${OK}Transfer-Encoding: identity\r\nContent-Length: 1\r\n${TWO}`),
  odd('identity without a length', `${OK}Transfer-Encoding: identity\r\n\r\nok`),
  odd('an empty coding', `${OK}Transfer-Encoding:\r\n${TWO}`),
];

const packed = gzipSync(TEXT);
const coded = (coding: string, content: Buffer): Buffer => bytes(`${OK}Content-Encoding: ${coding}\r\n\r\n`, content);
const times = (layers: number): Buffer => {
  let content = Buffer.from(TEXT);
  for (let layer = 0; layer < layers; layer += 1) content = gzipSync(content);
  return content;
};

const codings: readonly OddAnswer[] = [
  odd('gzip', coded('gzip', packed)),
  odd('x-gzip', coded('x-gzip', packed)),
  odd('gzip in capitals', coded('GZIP ', packed)),
  odd('deflate', coded('deflate', deflateSync(TEXT))),
  odd('deflate without its wrapper', coded('deflate', deflateRawSync(TEXT))),
  odd('brotli', coded('br', brotliCompressSync(TEXT))),
  odd('gzip that lacks its check sum', coded('gzip', packed.subarray(0, -4))),
  odd('gzip that is cut', coded('gzip', packed.subarray(0, -9))),
  odd('deflate that is cut', coded('deflate', deflateSync(TEXT).subarray(0, -3))),
  odd('gzip of nothing', `${OK}Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n`),
  odd('gzip of nothing, without a length', `${OK}Content-Encoding: gzip\r\n\r\n`),
  odd('gzip twice', coded('gzip, gzip', times(2))),
  odd('gzip in two headers', bytes(`${OK}Content-Encoding: gzip\r\n`, coded('gzip', times(2)).subarray(OK.length))),
  odd('gzip five times', coded('gzip, gzip, gzip, gzip, gzip', times(5))),
  odd('identity', coded('identity', Buffer.from(TEXT))),
  odd('none', coded('none', Buffer.from(TEXT))),
  odd('an empty content coding', coded('', Buffer.from(TEXT))),
  odd('gzip as transfer coding', bytes(`${OK}Transfer-Encoding: gzip\r\n\r\n`, packed)),
  odd(
    'gzip below chunks',
    bytes(`${OK}Transfer-Encoding: gzip, chunked\r\n\r\n${packed.length.toString(16)}\r\n`, packed, '\r\n0\r\n\r\n'),
  ),
];

const redirect = (location: string, more = ''): Buffer =>
  bytes(`HTTP/1.1 302 Found\r\n${more}Location: ${location}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
const page = bytes(OK + TWO);
const pathOf = (head: string): string => head.split(' ')[1] ?? '';

const redirects: readonly OddAnswer[] = [
  {
    name: 'a redirect that sets a cookie and needs it',
    answer: (head) =>
      /^cookie: *(.*; *)?seen=1/im.test(head) ? page : redirect('/', 'Set-Cookie: seen=1; Path=/\r\n'),
  },
  {
    name: 'a cookie for a path',
    answer: (head) =>
      pathOf(head) === '/'
        ? redirect('/in/', 'Set-Cookie: a=1; Path=/in\r\nSet-Cookie: b=2; Path=/other\r\n')
        : /^cookie: *a=1\r?$/im.test(head)
          ? page
          : redirect('/in/'),
  },
  {
    name: 'a cookie that is taken back',
    answer: (head) => {
      if (pathOf(head) === '/') return redirect('/out', 'Set-Cookie: a=1; Path=/\r\n');
      if (pathOf(head) === '/out') return redirect('/end', 'Set-Cookie: a=; Max-Age=0; Path=/\r\n');
      return /^cookie:/im.test(head) ? redirect('/end') : page;
    },
  },
  {
    name: 'fifteen redirects',
    answer: (head) => (Number(pathOf(head).slice(1)) < 15 ? redirect(`/${Number(pathOf(head).slice(1)) + 1}`) : page),
  },
  { name: 'a relative location', answer: (head) => (pathOf(head) === '/x/y' ? page : redirect('x/y')) },
  { name: 'a location with a space', answer: (head) => (pathOf(head) === '/' ? redirect('/a b') : page) },
  {
    name: 'a location in UTF-8',
    answer: (head) =>
      pathOf(head) === '/'
        ? redirect('/\xec\x95\x88?q=\xc3\xa9')
        : /^\/%ec%95%88\?q=%c3%a9$/i.test(pathOf(head))
          ? page
          : redirect('/'),
  },
  {
    name: 'a location in Latin-1',
    answer: (head) =>
      pathOf(head) === '/' ? redirect('/caf\xe9') : /^\/caf%e9$/i.test(pathOf(head)) ? page : redirect('/'),
  },
  { name: 'a location of a query alone', answer: (head) => (pathOf(head) === '/' ? redirect('?a=1') : page) },
  {
    name: 'a redirect with content that is cut',
    answer: (head) =>
      pathOf(head) === '/' ? bytes('HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 3\r\n\r\nabc') : page,
  },
  { name: 'a status 300 without a location', answer: () => bytes(`HTTP/1.1 200 OK\r\nLocation: /x\r\n${TWO}`) },
];

/** Answers that break HTTP, stretch it or are rare, and that common clients read. */
export const ODD_ANSWERS: readonly OddAnswer[] = [...heads, ...lengths, ...chunks, ...codings, ...redirects];

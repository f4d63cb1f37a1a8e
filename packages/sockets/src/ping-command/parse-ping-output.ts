/** One answer as the program printed it. */
export interface PingAnswer {
  /** Place in sending order, from 0. */
  readonly index: number;
  readonly rttMs: number;
  readonly ttl?: number;
  readonly duplicate: boolean;
}

/** An ICMP error as the program printed it. */
export interface PingFailure {
  /** Place in sending order, from 0; absent where the line does not say. */
  readonly index?: number;
  readonly offender: string;
  readonly text: string;
}

/** The parsed output of a `ping`. */
export interface PingOutput {
  readonly answers: readonly PingAnswer[];
  readonly failures: readonly PingFailure[];
}

/** Which program it was: their lines and the number of the first echo differ. */
export type PingDialect = 'iputils' | 'macos' | 'windows';

/** Windows prints `<1ms` for less than its resolution: the middle of that millisecond stands for it. */
const BELOW_ONE_MS = 0.5;

/**
 * Reads the output of a system's `ping`. It ignores words, so that translated outputs read alike; it reads
 * addresses, `seq=`, `ttl=` or `hlim=`, and a number before `ms`, with a decimal point or comma.
 */
export function parsePingOutput(text: string, dialect: PingDialect): PingOutput {
  const lines = text.split(/\r?\n/);
  return dialect === 'windows' ? parseWindows(lines) : parseUnix(lines, dialect === 'iputils' ? 1 : 0);
}

function parseUnix(lines: readonly string[], first: number): PingOutput {
  const answers: PingAnswer[] = [];
  const failures: PingFailure[] = [];
  for (const line of lines) {
    const sequence = /\bicmp_seq[= ](\d+)/.exec(line)?.[1];
    const rttMs = timeOf(line);
    const failed = /^(?:From|\d+ bytes from) ([\d.a-fA-F:]+?)[:,]? (.*)/i.exec(line);
    if (sequence !== undefined && rttMs !== undefined) {
      answers.push({ index: Number(sequence) - first, rttMs, ...ttlOf(line), duplicate: line.includes('(DUP!)') });
    } else if (failed !== null) {
      const [, offender = '', words = ''] = failed;
      failures.push({
        offender,
        text: words.trim(),
        ...(sequence === undefined ? {} : { index: Number(sequence) - first }),
      });
    }
  }
  return { answers, failures };
}

/** One line for each echo, in order, between the first line and the blank one before the statistics. */
function parseWindows(lines: readonly string[]): PingOutput {
  const start = lines.findIndex((line) => line.trim() !== '') + 1;
  const end = lines.findIndex((line, index) => index > start && line.trim() === '');
  const answers: PingAnswer[] = [];
  const failures: PingFailure[] = [];
  for (const [index, line] of lines.slice(start, end < 0 ? undefined : end).entries()) {
    const rttMs = timeOf(line);
    const failed = /(\d+\.\d+\.\d+\.\d+|[\da-fA-F]*:[\da-fA-F:]*:[\da-fA-F]*): (.*)/.exec(line);
    if (rttMs !== undefined) answers.push({ index, rttMs, ...ttlOf(line), duplicate: false });
    else if (failed !== null) failures.push({ index, offender: failed[1] ?? '', text: failed[2] ?? '' });
  }
  return { answers, failures };
}

function timeOf(line: string): number | undefined {
  const [, relation, number = ''] = /([=<])\s*(\d+(?:[.,]\d+)?)\s?ms\b/.exec(line) ?? [];
  if (relation === undefined) return undefined;
  return relation === '<' ? BELOW_ONE_MS : Number(number.replace(',', '.'));
}

function ttlOf(line: string): { ttl?: number } {
  const ttl = /\b(?:ttl|hlim)=(\d+)/i.exec(line)?.[1];
  return ttl === undefined ? {} : { ttl: Number(ttl) };
}

import { outputTo } from '@netsonde/sockets/host';
import { type Logger, pino } from 'pino';
import type { Settings } from '../settings/settings.ts';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'msg', 'reqId', 'err']);

/**
 * The server's log, by default on standard error: one JSON object per line, or readable lines. It never waits for its
 * reader: lines are dropped and counted instead.
 */
export function openLog(
  { debug, logFormat }: Pick<Settings, 'debug' | 'logFormat'>,
  write?: (line: string) => void,
): Logger {
  const level = debug ? 'debug' : 'info';
  const formed = (line: string) => (logFormat === 'json' ? line : readable(line));
  const toStderr = (line: string) => outputTo(2).log(line, (count) => formed(droppedLine(count)));
  return pino({ level, base: null }, { write: (line) => (write ?? toStderr)(formed(line)) });
}

const droppedLine = (count: number): string =>
  `${JSON.stringify({ level: 40, time: Date.now(), dropped: count, msg: 'log lines were dropped: nobody read the log for a while' })}\n`;

/** `07:41:02.120 info  text key=value`. */
function readable(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown> & {
    level: number;
    time: number;
    msg?: string;
    err?: { stack?: string };
  };
  const rest = Object.entries(entry).filter(([key]) => !HIDDEN.has(key));
  const pairs = rest
    .map(([key, value]) => ` ${key}=${typeof value === 'string' ? oneLine(value) : JSON.stringify(value)}`)
    .join('');
  const time = new Date(entry.time).toISOString().slice(11, 23);
  const stack = entry.err?.stack === undefined ? '' : `\n${entry.err.stack}`;
  return `${time} ${(LEVELS[entry.level] ?? String(entry.level)).padEnd(5)} ${oneLine(entry.msg ?? '')}${pairs}${stack}\n`;
}

/** Escapes control characters, so that foreign text cannot forge a log line. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

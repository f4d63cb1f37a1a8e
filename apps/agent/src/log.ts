import { outputTo } from '@netsonde/sockets/host';
import pino from 'pino';
import type { AgentOptions } from './options.ts';

/** The agent's own log: one line per event. */
export interface AgentLog {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

/**
 * Writes lines to stderr, as text or as JSON; `debug` lines only with `verbose`. It never waits for its reader: lines are
 * dropped and counted instead.
 */
export function agentLog({ verbose, logFormat }: Pick<AgentOptions, 'verbose' | 'logFormat'>): AgentLog {
  const level = verbose ? 'debug' : 'info';
  const formed = (line: string) => (logFormat === 'json' ? line : readable(line));
  const write = (line: string) => outputTo(2).log(formed(line), (count) => formed(droppedLine(count)));
  const log = pino({ name: 'agent', level }, { write });
  return {
    error: (message) => log.error(message),
    warn: (message) => log.warn(message),
    info: (message) => log.info(message),
    debug: (message) => log.debug(message),
  };
}

const droppedLine = (count: number): string =>
  `${JSON.stringify({ level: 40, time: Date.now(), name: 'agent', dropped: count, msg: `${count} log lines were dropped: nobody read the log for a while` })}\n`;

/** `07:41:02.120 info  agent: connected`. */
function readable(line: string): string {
  const { time, level, msg } = JSON.parse(line) as { time: number; level: number; msg: string };
  const word = pino.levels.labels[level] ?? String(level);
  return `${new Date(time).toISOString().slice(11, 23)} ${word.padEnd(5)} agent: ${msg.replace(/\p{Cc}/gu, ' ')}\n`;
}

import pino from 'pino';
import type { AgentOptions } from './options.ts';

/** The agent's own log: one line per event. */
export interface AgentLog {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

/** Writes lines to stderr, as text or as JSON; `debug` lines only with `verbose`. */
export function agentLog({ verbose, logFormat }: Pick<AgentOptions, 'verbose' | 'logFormat'>): AgentLog {
  const level = verbose ? 'debug' : 'info';
  const json = pino.destination({ fd: 2, sync: true });
  // The reader of the log is gone (a closed terminal or pipe). The agent keeps running.
  json.on('error', () => {});
  const log = pino(
    { name: 'agent', level },
    logFormat === 'json' ? json : { write: (line) => json.write(readable(line)) },
  );
  return {
    error: (message) => log.error(message),
    warn: (message) => log.warn(message),
    info: (message) => log.info(message),
    debug: (message) => log.debug(message),
  };
}

/** `07:41:02.120 info  agent: connected`. */
function readable(line: string): string {
  const { time, level, msg } = JSON.parse(line) as { time: number; level: number; msg: string };
  const word = pino.levels.labels[level] ?? String(level);
  return `${new Date(time).toISOString().slice(11, 23)} ${word.padEnd(5)} agent: ${msg.replace(/\p{Cc}/gu, ' ')}\n`;
}

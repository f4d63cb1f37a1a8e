import pino from 'pino';

/** The agent's own log: one line an event. */
export interface AgentLog {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

/** JSON lines on stderr; `debug` lines with `verbose` only. */
export function agentLog(verbose: boolean): AgentLog {
  const log = pino({ name: 'agent', level: verbose ? 'debug' : 'info' }, pino.destination({ fd: 2, sync: true }));
  return {
    error: (message) => log.error(message),
    warn: (message) => log.warn(message),
    info: (message) => log.info(message),
    debug: (message) => log.debug(message),
  };
}

import type { AgentLog } from '../log.ts';
import { type Dialled, dial } from './dial.ts';
import { handshake, type Introduction, type Proved } from './handshake.ts';
import type { ServerUrl } from './server-url.ts';

/** A connection on which both ends have proved who they are. */
export interface Reached {
  readonly dialled: Dialled;
  readonly proved: Proved;
}

/** What the agent has to say to its server. */
export interface Greeting {
  /** Fingerprints of the keys that its server may prove. */
  pins(): readonly string[];
  introduce(): Introduction;
}

/** How an agent and its server come together. */
export interface Way {
  /** The far end, for people. */
  readonly text: string;
  /** true: after a failure the agent waits before it tries again; false: the server decides when. */
  readonly backsOff: boolean;
  /** The next connection with the server. @throws DialError, SessionRejected, WrongServer, ConnectionClosed */
  next(signal: AbortSignal): Promise<Reached>;
  /** Calls back whenever the server connects again while nobody waits for it; null: no more. */
  onReconnect(callback: (() => void) | null): void;
  close(): Promise<void>;
}

/** The agent dials its server. */
export function dialling(server: ServerUrl, ca: string | null, greeting: Greeting, log: AgentLog): Way {
  if (!server.encrypted && !server.loopback)
    log.warn(
      `UNENCRYPTED: the session with ${server.text} can be read and changed by anyone on the way: give the server a certificate and write https:// in --server`,
    );
  return {
    text: server.text,
    backsOff: true,
    async next(signal) {
      const dialled = await dial(server, ca, signal);
      const hangUp = () => dialled.socket.terminate();
      signal.addEventListener('abort', hangUp);
      if (signal.aborted) hangUp();
      try {
        return { dialled, proved: await handshake(dialled, greeting.introduce()) };
      } catch (error) {
        hangUp();
        throw error;
      } finally {
        signal.removeEventListener('abort', hangUp);
      }
    },
    onReconnect: () => {},
    close: async () => {},
  };
}

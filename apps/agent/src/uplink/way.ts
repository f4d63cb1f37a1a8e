import type { AgentLog } from '../log.ts';
import { type Dialled, dial } from './dial.ts';
import { handshake, type Introduction, type Proved } from './handshake.ts';
import type { ServerUrl } from './server-url.ts';

/** A connection whose both ends are authenticated. */
export interface Reached {
  readonly dialled: Dialled;
  readonly proved: Proved;
}

/** What the agent sends to its server at the start. */
export interface Greeting {
  /** Fingerprints of the keys that its server may prove. */
  pins(): readonly string[];
  introduce(): Introduction;
}

/** How an agent and its server connect. */
export interface Way {
  /** The far end, in words for people. */
  readonly text: string;
  /** true: after a failure the agent waits before the next attempt. false: the server decides when. */
  readonly backsOff: boolean;
  /** Waits for the next connection with the server. @throws DialError, SessionRejected, WrongServer, ConnectionClosed */
  next(signal: AbortSignal): Promise<Reached>;
  /** Calls back when the server connects again while the agent does not wait for it; null: no more. */
  onReconnect(callback: (() => void) | null): void;
  /** Reads again the files that can change while the agent runs. */
  reload(): Promise<void>;
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
    reload: async () => {},
    close: async () => {},
  };
}

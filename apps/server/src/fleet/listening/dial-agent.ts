import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import {
  MAX_FRAME_BYTES,
  PROTOCOL_HEADER,
  PROTOCOL_TEXT,
  readPeerVersion,
  SERVER_HEADER,
  versionFault,
} from '@netsonde/protocol';
import { WebSocket } from 'ws';
import { bindingOf } from '../binding.ts';
import { type AgentPlace, addressRefusal } from './agent-place.ts';
import { explainDialError, explainStatus } from './explain-dial.ts';

/** A connection to a listening agent, before either side has identified itself. */
export interface AgentConnection {
  readonly socket: WebSocket;
  /** The dialled address. */
  readonly address: string;
  /** The TLS exporter's value, hex; '' without TLS. */
  readonly binding: string;
}

const DIAL_TIMEOUT_MS = 10_000;

/**
 * Dials an agent and passes the connection on once it is established, before it reads the agent's first frame. Resolves
 * then. @throws Error that says what to do
 */
export function dialAgent(
  place: AgentPlace,
  fingerprints: readonly string[],
  signal: AbortSignal,
  take: (connection: AgentConnection) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(place.socketUrl, {
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      handshakeTimeout: DIAL_TIMEOUT_MS,
      followRedirects: false,
      // Both ends sign the TLS session with their pinned keys, so a certificate would add no security.
      rejectUnauthorized: false,
      headers: { [SERVER_HEADER]: fingerprints.join(','), [PROTOCOL_HEADER]: PROTOCOL_TEXT },
      lookup: guardedLookup,
    });
    const abort = () => socket.terminate();
    signal.addEventListener('abort', abort);
    const settle = () => signal.removeEventListener('abort', abort);
    const fail = (why: string) => {
      settle();
      reject(new Error(why));
    };
    let binding = '';
    let address = '';
    let fault: string | null = null;
    socket.on('upgrade', (response) => {
      binding = bindingOf(response);
      address = response.socket.remoteAddress ?? '';
      fault = versionFault(readPeerVersion(response.headers[PROTOCOL_HEADER]), 'agent');
    });
    socket.on('unexpected-response', (request, response) => {
      fail(explainStatus(place, response.statusCode ?? 0));
      request.destroy();
    });
    socket.on('error', (error) => fail(explainDialError(place, error)));
    socket.once('open', () => {
      if (fault !== null) {
        fail(fault);
        socket.terminate();
        return;
      }
      settle();
      take({ socket, address, binding });
      resolve();
    });
    if (signal.aborted) abort();
  });
}

/** Resolves a name to addresses that may be dialled. The connection uses exactly the checked addresses. */
const guardedLookup: LookupFunction = (name, options, callback) => {
  lookup(name, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0);
    const allowed = addresses.filter(({ address }) => addressRefusal(address) === null);
    const [first] = allowed;
    if (first === undefined) {
      const why = addressRefusal(addresses[0]?.address ?? '') ?? 'it has no address';
      return callback(Object.assign(new Error(why), { code: 'EGUARDED' }), '', 0);
    }
    if (options.all === true) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
};

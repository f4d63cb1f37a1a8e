import { type Departure, openPeerSocket, type PeerSocket, peerRoundTrip } from '@netsonde/sockets';
import { codeOf, explained, failureAt, faultOf } from '../contract/network-error.ts';
import { Patience, type TimeUp } from '../net/patience.ts';
import { IgnoredCount } from './ignored.ts';
import { type AskContext, type Endpoint, randomId } from './line.ts';
import { encodeQuery, type Question, readAnswer } from './message.ts';
import type { Asked } from './observation.ts';

export interface UdpWaiting {
  readonly timeoutMs: number;
  /** Total number of sends. */
  readonly attempts: number;
}

/**
 * Asks over UDP, on its own socket connected to the resolver, with a new id for each send. So the kernel accepts
 * answers only from the resolver, on an unpredictable port. The first answer to any of them ends it.
 * @throws the signal's reason, and only that
 */
export function askOverUdp(
  context: AskContext,
  { family, address, port, at }: Endpoint,
  question: Question,
  { timeoutMs, attempts }: UdpWaiting,
): Promise<Asked> {
  const { clock, signal } = context;
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const sent = new Map<number, Departure>();
    const ignored = new IgnoredCount();
    let socket: PeerSocket | null = null;
    const patience = new Patience(clock, timeoutMs * attempts);
    let endWait = () => {};
    let decided = false;
    const settle = () => {
      decided = true;
      endWait();
      signal.removeEventListener('abort', abort);
      socket?.close();
    };
    const end = (asked: Asked) => {
      settle();
      resolve(asked);
    };
    const abort = () => {
      settle();
      reject(signal.reason);
    };
    const refused = (error: unknown, call: string) => {
      const code = codeOf(error);
      end({ end: 'failed', fault: failureAt(address, code, 'local'), operation: `${call} ${at}: ${code}`, ignored });
    };
    const send = () => {
      let id = randomId(context);
      while (sent.has(id)) id = randomId(context);
      try {
        const departure = socket?.send(encodeQuery(question, id));
        if (departure !== undefined) sent.set(id, departure);
        const left = attempts - sent.size;
        endWait = patience.wait((why) => {
          socket?.poll();
          if (decided) return;
          if (left > 0) send();
          else silent(why);
        }, left + 1);
      } catch (error) {
        refused(error, 'send to');
      }
    };
    const silent = (code: TimeUp) => {
      if (code === 'timeout') end({ end: 'silent', sent: sent.size, ignored });
      else end({ end: 'failed', fault: faultOf(code), operation: explained(`ask ${at}: ${code}`, code), ignored });
    };
    signal.addEventListener('abort', abort);
    try {
      socket = openPeerSocket(
        { family, address, port },
        {
          arrived(arrival) {
            const read = readAnswer(arrival.payload, question, (id) => sent.has(id));
            if (typeof read === 'string') {
              ignored.add(read);
              return;
            }
            const departure = sent.get(read.id);
            if (departure === undefined) return;
            const { rttNs, stamp } = peerRoundTrip(departure, arrival);
            const { answer } = read;
            const ms = rttNs / 1e6;
            const toMs = clock.monotonicMs();
            const during = stamp === 'kernel' ? [] : [{ fromMs: toMs - ms, toMs }];
            end({ end: 'answered', answer, ms, stamps: stamp, during, sent: sent.size, ignored });
          },
          failed({ code, origin, offender }) {
            const fault = failureAt(address, code, origin === 'local' ? 'local' : 'network', offender);
            const operation = `ask ${at}: ${code}${offender === undefined ? '' : ` reported by ${offender}`}`;
            end({ end: 'failed', fault, operation, ignored });
          },
        },
      );
      send();
    } catch (error) {
      refused(error, 'open a socket to');
    }
  });
}

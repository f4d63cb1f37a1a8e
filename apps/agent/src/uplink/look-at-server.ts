import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { boundedOffset, offsetOf } from '@netsonde/metrics';
import { PROTOCOL_VERSION } from '@netsonde/protocol';
import type { ServerPlace } from '../options.ts';
import { DialError, type Dialled, dial } from './dial.ts';

/** What an agent finds at a server's address, before either side proves its identity. */
export interface SeenServer {
  /** This host's clock minus the server's, ms. */
  readonly clockOffsetMs: number;
  /** Bound of the error of that offset, ms: half the round trip of the question, and both resolutions. */
  readonly clockErrorMs: number;
  /** Whether an authority that this host trusts has signed the certificate; null where the session is not encrypted. */
  readonly vouchedFor: boolean | null;
}

const PATIENCE_MS = 5000;

/**
 * Opens a session as an agent does, says hello and hangs up when the server has answered. @throws DialError that says
 * what to do
 */
export async function lookAtServer({ server, ca }: ServerPlace): Promise<SeenServer> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS);
  try {
    const dialled = await dial(server, ca, giveUp.signal);
    try {
      const { bindings } = dialled;
      return { ...(await clockOf(dialled)), vouchedFor: server.encrypted ? bindings.includes('') : null };
    } finally {
      dialled.socket.terminate();
    }
  } catch (error) {
    if (giveUp.signal.aborted)
      throw new DialError(
        `${server.text} does not answer within ${PATIENCE_MS / 1000} s: check the address and the firewalls between here and there`,
      );
    if (error instanceof DialError) throw error;
    throw new DialError(`${server.text}: ${error instanceof Error ? error.message : error}`);
  } finally {
    clearTimeout(timer);
  }
}

/** The server states its time in its first answer, to any caller. */
async function clockOf({ socket, inbox }: Dialled): Promise<Pick<SeenServer, 'clockOffsetMs' | 'clockErrorMs'>> {
  const agentKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
  const nonce = randomBytes(32).toString('base64url');
  const [beganMs, asked] = [Date.now(), performance.now()];
  socket.send(JSON.stringify({ type: 'hello', protocol: PROTOCOL_VERSION, agentKey, nonce, pins: [] }));
  const answer = await inbox.next(PATIENCE_MS);
  if (answer.type === 'rejected') throw new Error(answer.message);
  if (answer.type !== 'challenge')
    throw new Error(`it sent "${answer.type}" where "challenge" was due: update one of the two`);
  const roundTripMs = performance.now() - asked;
  const { offsetMs, errorMs } = boundedOffset(offsetOf({ beforeMs: beganMs, roundTripMs, otherMs: answer.serverMs }));
  const clockOffsetMs = Math.round(offsetMs);
  return { clockOffsetMs, clockErrorMs: Math.ceil(errorMs + Math.abs(clockOffsetMs - offsetMs)) };
}

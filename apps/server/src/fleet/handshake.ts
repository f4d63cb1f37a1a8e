import { randomBytes } from 'node:crypto';
import {
  type AgentMessage,
  PROTOCOL_VERSION,
  type ServerMessage,
  signedText,
  type Transcript,
} from '@netsonde/protocol';
import { agentProved } from './prove.ts';
import type { Proof } from './register.ts';
import { badMessage, SessionRejection } from './rejection.ts';
import type { ServerKeys } from './server-key.ts';

/** State of the handshake before the agent's proof. */
export interface Challenged {
  readonly transcript: Transcript;
  /** Fingerprint of the server's key for the proof: the newest that the agent accepts. */
  readonly serverKey: string;
  /** Server keys that the agent accepts. null: the agent is too old to send them or to understand key messages. */
  readonly pins: readonly string[] | null;
}

/** Answers an agent's first frame with the server's proof. @throws SessionRejection */
export function challenge(
  message: AgentMessage,
  keys: ServerKeys,
  binding: string,
  nowMs: number,
): { readonly challenged: Challenged; readonly answer: ServerMessage } {
  if (message.type !== 'hello') throw badMessage(`a session begins with "hello", not with "${message.type}"`);
  if (message.protocol !== PROTOCOL_VERSION) throw wrongVersion(message.protocol);
  const key = keys.acceptedBy(message.pins);
  const nonce = randomBytes(32).toString('base64url');
  const transcript = {
    agentKey: message.agentKey,
    serverKey: key.publicKey,
    agentNonce: message.nonce,
    serverNonce: nonce,
    binding,
  };
  const signature = key.sign(signedText('server', transcript));
  return {
    challenged: { transcript, serverKey: key.fingerprint, pins: message.pins ?? null },
    answer: { type: 'challenge', serverKey: key.publicKey, nonce, signature, serverMs: nowMs },
  };
}

/** Verifies the agent's proof and returns it. @throws SessionRejection */
export function checkProof(message: AgentMessage, transcript: Transcript): Proof {
  if (message.type !== 'proof') throw badMessage(`"proof" was due, not "${message.type}"`);
  if (!agentProved('agent', transcript, message.signature))
    throw new SessionRejection(
      'bad_proof',
      'the agent could not prove its key: its data folder is damaged, or something in between changes the session',
      false,
    );
  return message;
}

function wrongVersion(theirs: number): SessionRejection {
  return new SessionRejection(
    'protocol_version',
    `this server speaks version ${PROTOCOL_VERSION} of the protocol, the agent version ${theirs}: update the ${theirs < PROTOCOL_VERSION ? 'agent' : 'server'}`,
    true,
  );
}

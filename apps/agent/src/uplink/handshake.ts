import { createHash, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import {
  type AgentCapability,
  type AgentHost,
  type AgentMessage,
  type AgentSystem,
  type EnrolmentToken,
  type KnownIncarnation,
  PROTOCOL_VERSION,
  type ServerMessage,
  signedText,
  type Transcript,
} from '@netsonde/protocol';
import type { WebSocket } from 'ws';
import type { AgentIdentity } from '../identity/agent-identity.ts';
import { fingerprintOf } from '../identity/key-file.ts';
import type { Dialled } from './dial.ts';
import type { Inbox } from './inbox.ts';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
type Rejected = Extract<ServerMessage, { type: 'rejected' }>;

/** The server ended the session and stated the reason. */
export class SessionRejected extends Error {
  override readonly name = 'SessionRejected';
  readonly code: Rejected['code'];
  /** A new attempt may succeed. */
  readonly retry: boolean;
  constructor({ code, message, retry }: Rejected) {
    super(message);
    this.code = code;
    this.retry = retry;
  }
}

/** The far end is not the server that this agent was enrolled with. */
export class WrongServer extends Error {
  override readonly name = 'WrongServer';
}

/** What the agent states about itself in its proof. */
export interface Introduction {
  readonly identity: AgentIdentity;
  /** Present where the agent is not enrolled yet. */
  readonly token: EnrolmentToken | null;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly epoch: number;
  readonly assignmentHash: string | null;
  /** null: no server has named an incarnation yet. */
  readonly known: KnownIncarnation | null;
  readonly host: AgentHost;
  readonly system: AgentSystem;
  readonly capabilities: readonly AgentCapability[];
}

const ANSWER_TIMEOUT_MS = 20_000;

/** What both sides have stated and signed. */
export interface Proved {
  readonly welcome: Welcome;
  readonly transcript: Transcript;
}

/** Keys that a server may prove to this agent. */
export function pinsOf({ identity, token }: Pick<Introduction, 'identity' | 'token'>): readonly string[] {
  return identity.server?.fingerprints ?? (token === null ? [] : [token.serverFingerprint]);
}

/**
 * Authenticates both sides, the server first. @throws SessionRejected, WrongServer, ConnectionClosed
 * @param onServerProved called once the far end has proved to be the server
 */
export async function handshake(
  { socket, inbox, bindings }: Dialled,
  me: Introduction,
  onServerProved: () => void = () => {},
): Promise<Proved> {
  const nonce = randomBytes(32).toString('base64url');
  const { publicKey } = me.identity;
  send(socket, { type: 'hello', protocol: PROTOCOL_VERSION, agentKey: publicKey, nonce, pins: [...pinsOf(me)] });
  const challenge = await expectMessage(inbox, 'challenge').catch(neverFinal);
  const transcripts = bindings.map((binding) => ({
    agentKey: publicKey,
    serverKey: challenge.serverKey,
    agentNonce: nonce,
    serverNonce: challenge.nonce,
    binding,
  }));
  const transcript = checkServer(challenge, transcripts, me);
  onServerProved();
  send(socket, proofOf(transcript, me));
  return { welcome: await expectMessage(inbox, 'welcome'), transcript };
}

/** A far end that has not proved to be the server cannot make this agent give up. */
function neverFinal(error: unknown): never {
  if (!(error instanceof SessionRejected)) throw error;
  throw new SessionRejected({ type: 'rejected', code: error.code, message: error.message, retry: true });
}

function checkServer(
  { serverKey, signature }: Extract<ServerMessage, { type: 'challenge' }>,
  transcripts: readonly Transcript[],
  me: Introduction,
): Transcript {
  if (!pinsOf(me).includes(fingerprintOf(serverKey)))
    throw new WrongServer(
      me.identity.server === null
        ? 'this server is not the one that the token was made on: check --server, or make a token there with: netsonde token create --agent'
        : 'this server has another key than the one this agent was enrolled with: check --server; if the server was set up again, enrol with a new token and another --data folder',
    );
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: serverKey }, format: 'jwk' });
  const bytes = Buffer.from(signature, 'base64url');
  const transcript = transcripts.find((one) => verify(null, Buffer.from(signedText('server', one)), key, bytes));
  if (transcript === undefined)
    throw new WrongServer(
      'the server could not prove its key for this connection: something in between ends TLS with a certificate that this host does not trust; give its authority with --ca',
    );
  return transcript;
}

function proofOf(transcript: Transcript, me: Introduction): AgentMessage {
  const { identity, token, name, labels, epoch, assignmentHash, system, capabilities, known, host } = me;
  const enrolment =
    identity.server !== null || token === null
      ? {}
      : { enrolment: { tokenId: token.id, mac: macOf(token.secret, transcript) } };
  return {
    type: 'proof',
    signature: identity.sign(signedText('agent', transcript)),
    ...enrolment,
    name,
    labels: { ...labels },
    epoch,
    assignmentHash,
    system,
    capabilities: [...capabilities],
    ...(known === null ? {} : { known }),
    host,
  };
}

function macOf(secret: string, transcript: Transcript): string {
  const key = createHash('sha256').update(secret).digest();
  return createHmac('sha256', key).update(signedText('enrolment', transcript)).digest('base64url');
}

async function expectMessage<Type extends ServerMessage['type']>(
  inbox: Inbox,
  type: Type,
): Promise<Extract<ServerMessage, { type: Type }>> {
  const message = await inbox.next(ANSWER_TIMEOUT_MS);
  if (message.type === 'rejected') throw new SessionRejected(message);
  if (message.type !== type)
    throw new Error(`the server sent "${message.type}" where "${type}" was due: update one of the two`);
  return message as Extract<ServerMessage, { type: Type }>;
}

function send(socket: WebSocket, message: AgentMessage): void {
  socket.send(JSON.stringify(message));
}

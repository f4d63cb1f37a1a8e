import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import {
  type AgentMessage,
  PROTOCOL_HEADER,
  PROTOCOL_TEXT,
  PROTOCOL_VERSION,
  parseEnrolmentToken,
  SESSION_PATH,
  type ServerMessage,
  signedText,
} from '@netsonde/protocol';
import { WebSocket } from 'ws';

/** The agent's end of a session that sends generated results: the wire is real, the measurements are not. */
export interface LoadAgent {
  readonly id: number;
  /** Live frames that may be sent now. */
  credits(): number;
  send(frame: Uint8Array): void;
  /** Results that the server has acknowledged. */
  acknowledged(): number;
  /** Results that the server has refused one by one; it acknowledges the others of a refused frame. */
  refused(): number;
  close(): void;
}

/**
 * Enrols with a token and opens a session. @param onCredit called when another frame may be sent.
 * @param forges whether it expects its results to be refused; otherwise a refusal fails the benchmark.
 */
export async function openLoadAgent(
  serverUrl: string,
  token: string,
  name: string,
  onCredit: () => void,
  forges = false,
): Promise<LoadAgent> {
  const socket = new WebSocket(`${serverUrl.replace(/^http/, 'ws')}${SESSION_PATH}`, {
    perMessageDeflate: false,
    headers: { [PROTOCOL_HEADER]: PROTOCOL_TEXT },
  });
  await once(socket, 'open');
  const inbox: ServerMessage[] = [];
  let wake = (): void => undefined;
  let live = 0;
  let acknowledged = 0;
  let refused = 0;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as ServerMessage;
    if (message.type === 'ack') for (const [from, to] of message.ranges) acknowledged += to - from + 1;
    else if (message.type === 'credit') {
      live += message.add.live;
      onCredit();
    } else if (message.type === 'refused' && forges) refused += 1;
    else if (message.type === 'rejected' || message.type === 'refused')
      throw new Error(`the server answered ${JSON.stringify(message)}`);
    else inbox.push(message);
    wake();
  });
  const next = async (): Promise<ServerMessage> => {
    while (inbox.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return inbox.shift() as ServerMessage;
  };
  const tell = (message: AgentMessage) => socket.send(JSON.stringify(message));
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const agentKey = publicKey.export({ format: 'jwk' }).x ?? '';
  const agentNonce = randomBytes(32).toString('base64url');
  tell({ type: 'hello', protocol: PROTOCOL_VERSION, agentKey, nonce: agentNonce });
  const challenge = await next();
  if (challenge.type !== 'challenge') throw new Error(`expected a challenge, got ${challenge.type}`);
  const transcript = {
    agentKey,
    serverKey: challenge.serverKey,
    agentNonce,
    serverNonce: challenge.nonce,
    binding: '',
  };
  const { id: tokenId, secret } = parseEnrolmentToken(token);
  const mac = createHmac('sha256', createHash('sha256').update(secret).digest())
    .update(signedText('enrolment', transcript))
    .digest('base64url');
  tell({
    type: 'proof',
    signature: sign(null, Buffer.from(signedText('agent', transcript)), privateKey).toString('base64url'),
    enrolment: { tokenId, mac },
    name,
    labels: {},
    epoch: 1,
    assignmentHash: null,
    system: {
      hostname: name,
      platform: 'linux',
      release: '0',
      arch: 'x64',
      cpus: 1,
      memoryBytes: 1,
      node: process.version,
      version: '0.1.0',
      addresses: [],
    },
    capabilities: [],
  });
  const welcome = await next();
  if (welcome.type !== 'welcome') throw new Error(`expected a welcome, got ${JSON.stringify(welcome)}`);
  live += welcome.credits.live;
  return {
    id: welcome.agentId,
    credits: () => live,
    send(frame) {
      live -= 1;
      socket.send(frame, { binary: false });
    },
    acknowledged: () => acknowledged,
    refused: () => refused,
    close: () => socket.close(),
  };
}

import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import {
  type AgentMessage,
  type AgentRecord,
  type AssignedCheck,
  assignedCheckSchema,
  PROTOCOL_HEADER,
  PROTOCOL_TEXT,
  PROTOCOL_VERSION,
  parseEnrolmentToken,
  SESSION_PATH,
  type ServerMessage,
  signedText,
} from '@netsonde/protocol';
import { WebSocket } from 'ws';
import { assignmentHash } from '../fleet/assignment-messages.ts';
import type { Credentials, TestServer } from './server.test-support.ts';

type Message<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>;

/** The agent's end of a real session. It sends what a test asks it to. */
export interface TestAgent {
  readonly id: number;
  /** Returns the next message of that type, or one already received. */
  next<Type extends ServerMessage['type']>(type: Type): Promise<Message<Type>>;
  send(message: AgentMessage): void;
  /** Waits for an assignment that matches, and answers that it runs it, except for the refused checks. */
  obey(
    pleases: (checks: readonly AssignedCheck[]) => boolean,
    refused?: { check: number; target?: number; reason: string }[],
  ): Promise<readonly AssignedCheck[]>;
  /** Returns the next answer that settles records: an acknowledgement or a refusal. */
  settled(): Promise<Message<'ack' | 'refused'>>;
  /** Sends records and waits until all are acknowledged. */
  deliver(items: AgentRecord[]): Promise<void>;
  close(): Promise<void>;
}

const EPOCH = 1;
const SYSTEM = {
  hostname: 'suite',
  platform: 'linux',
  release: '6',
  arch: 'x64',
  cpus: 2,
  memoryBytes: 1,
  node: 'v20',
  version: '0.1.0',
  addresses: [],
};

/** Enrols a new agent and opens its session. */
export async function connectAgent(
  server: TestServer,
  admin: Credentials,
  {
    name,
    labels = {},
    capabilities = [],
    knowsPins = true,
    ownLabelsSelect = true,
    tokenName = name,
  }: {
    name: string;
    tokenName?: string;
    labels?: Record<string, string>;
    capabilities?: { id: string; available: boolean; note: string; mend?: string }[];
    /** Whether tests select it by its own labels. */
    ownLabelsSelect?: boolean;
    /** false: an agent that is too old to change keys. */
    knowsPins?: boolean;
  },
): Promise<TestAgent> {
  const made = await server.call<{ token: string }>(
    'POST',
    '/enrolment-tokens',
    { name: tokenName, ownLabelsSelect },
    admin,
  );
  const { id: tokenId, secret, serverFingerprint } = parseEnrolmentToken(made.body.token);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const agentKey = publicKey.export({ format: 'jwk' }).x ?? '';
  const agentNonce = randomBytes(32).toString('base64url');
  const socket = new WebSocket(server.url.replace(/^http/, 'ws') + SESSION_PATH, {
    headers: { [PROTOCOL_HEADER]: PROTOCOL_TEXT },
  });
  const inbox = new Inbox(socket);
  await once(socket, 'open');
  const send = (message: AgentMessage) => socket.send(JSON.stringify(message));
  const pins = knowsPins ? { pins: [serverFingerprint] } : {};
  send({ type: 'hello', protocol: PROTOCOL_VERSION, agentKey, nonce: agentNonce, ...pins });
  const { serverKey, nonce } = await inbox.next('challenge');
  const transcript = { agentKey, serverKey, agentNonce, serverNonce: nonce, binding: '' };
  const mac = createHmac('sha256', createHash('sha256').update(secret).digest())
    .update(signedText('enrolment', transcript))
    .digest('base64url');
  const signature = sign(null, Buffer.from(signedText('agent', transcript)), privateKey).toString('base64url');
  send({
    type: 'proof',
    signature,
    enrolment: { tokenId, mac },
    name,
    labels,
    epoch: EPOCH,
    assignmentHash: null,
    system: SYSTEM,
    capabilities,
  });
  const { agentId } = await inbox.next('welcome');
  return {
    id: agentId,
    next: (type) => inbox.next(type),
    settled: () => inbox.next('ack', 'refused'),
    send,
    obey: async (pleases, refused = []) => {
      for (;;) {
        const { revision, hash, checks: sent, parts } = await inbox.next('assign');
        const checks = sent.map((check) => assignedCheckSchema.parse(check));
        if (parts !== 1) throw new Error('this suite takes assignments of one part');
        if (assignmentHash(checks) !== hash) throw new Error('the assignment’s hash is wrong');
        send({ type: 'assigned', revision, hash, refused });
        if (pleases(checks)) return checks;
      }
    },
    deliver: async (items) => {
      send({ type: 'records', kind: 'live', epoch: EPOCH, items });
      const open = new Set(items.map(({ seq }) => seq));
      while (open.size > 0)
        for (const [from, to] of (await inbox.next('ack')).ranges)
          for (const seq of open) if (seq >= from && seq <= to) open.delete(seq);
    },
    close: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.terminate();
      await once(socket, 'close');
    },
  };
}

/** Queue of received messages, and of the caller that waits for them. */
class Inbox {
  readonly #messages: ServerMessage[] = [];
  #wake: (() => void) | null = null;

  constructor(socket: WebSocket) {
    socket.on('message', (data) => {
      this.#messages.push(JSON.parse(String(data)) as ServerMessage);
      this.#wake?.();
    });
  }

  async next<Type extends ServerMessage['type']>(...types: Type[]): Promise<Message<Type>> {
    for (;;) {
      const index = this.#messages.findIndex((message) => (types as string[]).includes(message.type));
      if (index >= 0) return this.#messages.splice(index, 1)[0] as Message<Type>;
      const rejected = this.#messages.find((message) => message.type === 'rejected');
      if (rejected !== undefined) throw new Error(`the session was rejected: ${JSON.stringify(rejected)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

import { createHash, createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
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

/**
 * Many agents in one process, with real keys, handshakes and answers, but without measurements. Arguments: the
 * server's URL, a token, the first agent's number, the number of agents. Lines on stdin are commands: `connect`,
 * `disconnect`. It answers each with `DONE ms` once all agents have done it. `connect`: all have answered an
 * assignment with as many checks as the command says.
 */
const [url = '', token = '', first = '0', count = '0'] = process.argv.slice(2);
const { id: tokenId, secret } = parseEnrolmentToken(token);
const macKey = createHash('sha256').update(secret).digest();

interface ManyAgent {
  readonly name: string;
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  enrolled: boolean;
  epoch: number;
  socket: WebSocket | null;
}

const agents: readonly ManyAgent[] = Array.from({ length: Number(count) }, (_, place) => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = publicKey.export({ format: 'jwk' }).x ?? '';
  const name = `many-${Number(first) + place}`;
  return { name, publicKey: key, privateKey, enrolled: false, epoch: 0, socket: null };
});

/** Opens a session. Resolves once the agent has received, and answered, that many checks. */
async function connect(agent: ManyAgent, checks: number): Promise<void> {
  for (;;) {
    const ended = await attempt(agent, checks);
    if (ended === null) return;
    if (!ended.retry) throw new Error(`${agent.name}: ${ended.why}`);
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 800));
  }
}

function attempt(agent: ManyAgent, checks: number): Promise<{ readonly why: string; readonly retry: boolean } | null> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}${SESSION_PATH}`, {
    perMessageDeflate: false,
    headers: { [PROTOCOL_HEADER]: PROTOCOL_TEXT },
  });
  agent.socket = socket;
  agent.epoch += 1;
  const agentNonce = randomBytes(32).toString('base64url');
  const tell = (message: AgentMessage) => socket.send(JSON.stringify(message));
  let parts = 0;
  return new Promise((resolve) => {
    socket.on('error', (error) => resolve({ why: error.message, retry: true }));
    socket.on('close', () => resolve({ why: 'closed', retry: true }));
    socket.on('open', () =>
      tell({ type: 'hello', protocol: PROTOCOL_VERSION, agentKey: agent.publicKey, nonce: agentNonce }),
    );
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as ServerMessage;
      if (message.type === 'challenge') tell(proofOf(agent, agentNonce, message));
      else if (message.type === 'rejected') resolve({ why: message.message, retry: message.retry });
      else if (message.type === 'welcome') {
        agent.enrolled = true;
        if (checks === 0) resolve(null);
      } else if (message.type === 'assign') {
        parts = message.part === 0 ? message.checks.length : parts + message.checks.length;
        if (message.part + 1 < message.parts) return;
        tell({ type: 'assigned', revision: message.revision, hash: message.hash, refused: [] });
        if (parts >= checks) resolve(null);
      }
    });
  });
}

function proofOf(
  { name, publicKey, privateKey, enrolled, epoch }: ManyAgent,
  agentNonce: string,
  { serverKey, nonce }: Extract<ServerMessage, { type: 'challenge' }>,
): AgentMessage {
  const transcript = { agentKey: publicKey, serverKey, agentNonce, serverNonce: nonce, binding: '' };
  const mac = () => createHmac('sha256', macKey).update(signedText('enrolment', transcript)).digest('base64url');
  return {
    type: 'proof',
    signature: sign(null, Buffer.from(signedText('agent', transcript)), privateKey).toString('base64url'),
    ...(enrolled ? {} : { enrolment: { tokenId, mac: mac() } }),
    name,
    labels: {},
    epoch,
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
  };
}

async function disconnect({ socket }: ManyAgent): Promise<void> {
  if (socket === null || socket.readyState === WebSocket.CLOSED) return;
  const closed = once(socket, 'close');
  socket.terminate();
  await closed;
}

/** @param most how many run the command at once. */
async function all(most: number, act: (agent: ManyAgent) => Promise<void>): Promise<void> {
  const waiting = [...agents];
  const work = async () => {
    for (let agent = waiting.shift(); agent !== undefined; agent = waiting.shift()) await act(agent);
  };
  await Promise.all(Array.from({ length: most }, work));
}

process.stdin.on('data', async (order: Buffer) => {
  const [what, checks = '0', most = String(agents.length)] = order.toString().trim().split(' ');
  const startMs = performance.now();
  if (what === 'connect') await all(Number(most), (agent) => connect(agent, Number(checks)));
  else await all(agents.length, disconnect);
  process.stdout.write(`DONE ${performance.now() - startMs}\n`);
});
process.stdin.on('end', () => process.exit(0));
process.stdout.write('READY\n');

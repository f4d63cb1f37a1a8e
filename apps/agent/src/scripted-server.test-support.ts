import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { catalog } from '@netsonde/probes/catalog';
import { runners } from '@netsonde/probes/runtime';
import {
  type AgentMessage,
  type AgentRecord,
  PROTOCOL_HEADER,
  PROTOCOL_TEXT,
  type SentCheck,
  type ServerMessage,
  signedText,
} from '@netsonde/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { type RunningAgent, startAgent } from './agent.ts';
import { assignmentHash } from './assignment/assignment-hash.ts';
import { openIdentity } from './identity/agent-identity.ts';
import { fingerprintOf } from './identity/key-file.ts';
import { agentOptionsFrom } from './options.ts';

const nonce = Buffer.alloc(32, 9).toString('base64url');

/** A server with a real socket that says what a test wants, to one agent that is enrolled with it. */
export interface ScriptedServer {
  readonly folder: string;
  /** The port of a listener that the agent can measure. */
  readonly targetPort: number;
  /** All that the agent has sent since its first session began, records apart. */
  readonly heard: readonly AgentMessage[];
  readonly records: readonly AgentRecord[];
  /** Lines of the agent's log. */
  readonly lines: readonly string[];
  readonly sessions: number;
  agent(): Promise<RunningAgent>;
  send(message: ServerMessage | Record<string, unknown>): void;
  /** The socket of the latest session. */
  socket(): WebSocket;
  assign(checks: readonly SentCheck[], revision?: number): void;
  close(): Promise<void>;
}

/** @param welcome fields of the welcome that differ from the usual ones. */
export async function scriptedServer(
  folder: string,
  welcome: Record<string, unknown> = {},
  onWelcomed: () => void = () => {},
): Promise<ScriptedServer> {
  const key = openIdentity(mkdtempSync(join(folder, 'server-')));
  const data = mkdtempSync(join(folder, 'agent-'));
  openIdentity(data).pin(1, [fingerprintOf(key.publicKey)]);
  const target: Server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('headers', (headers) => headers.push(`${PROTOCOL_HEADER}: ${PROTOCOL_TEXT}`));
  await once(server, 'listening');
  const heard: AgentMessage[] = [];
  const records: AgentRecord[] = [];
  const lines: string[] = [];
  let current: WebSocket | null = null;
  let sessions = 0;
  const send = (message: object) => current?.send(JSON.stringify(message));
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (bytes) => {
      const message = JSON.parse(String(bytes)) as AgentMessage;
      if (message.type === 'hello') {
        current = socket;
        const sides = { agentKey: message.agentKey, serverKey: key.publicKey };
        const text = signedText('server', { ...sides, agentNonce: message.nonce, serverNonce: nonce, binding: '' });
        send({ type: 'challenge', serverKey: key.publicKey, nonce, signature: key.sign(text), serverMs: Date.now() });
      } else if (message.type === 'proof') {
        sessions += 1;
        const credits = { live: 10_000, backlog: 10_000 };
        send({ type: 'welcome', agentId: 1, name: 'a1', heartbeatMs: 500, received: [], credits, ...welcome });
        onWelcomed();
      } else if (message.type === 'records') {
        records.push(...message.items);
        send({ type: 'ack', epoch: message.epoch, ranges: message.items.map(({ seq }) => [seq, seq]) });
      } else {
        if (message.type === 'time') send({ ...message, serverMs: Date.now() });
        heard.push(message);
      }
    });
  });
  return {
    folder: data,
    targetPort: (target.address() as AddressInfo).port,
    heard,
    records,
    lines,
    get sessions() {
      return sessions;
    },
    agent() {
      const say = (line: string) => void lines.push(line);
      const { port } = server.address() as AddressInfo;
      const options = agentOptionsFrom({}, { server: `http://127.0.0.1:${port}`, data, name: 'a1' });
      const log = { error: say, warn: say, info: say, debug: () => {} };
      return startAgent(options, { catalog, runners, log, longestWaitMs: 200 });
    },
    send,
    socket() {
      if (current === null) throw new Error('no agent has connected yet');
      return current;
    },
    assign: (checks, revision = 1) =>
      send({ type: 'assign', revision, hash: assignmentHash(checks), part: 0, parts: 1, checks }),
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
      await new Promise((resolve) => target.close(resolve));
    },
  };
}

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentMessage, PROTOCOL_HEADER, PROTOCOL_TEXT, type ServerMessage, signedText } from '@netsonde/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { startAgent } from './agent.ts';
import { assignmentHash } from './assignment/assignment-hash.ts';
import { openIdentity } from './identity/agent-identity.ts';
import { fingerprintOf } from './identity/key-file.ts';
import { agentOptionsFrom } from './options.ts';

const nonce = Buffer.alloc(32, 9).toString('base64url');
const hash = assignmentHash([]);

let folder: string;
let server: WebSocketServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-agent-'));
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  server.on('headers', (headers) => headers.push(`${PROTOCOL_HEADER}: ${PROTOCOL_TEXT}`));
  await once(server, 'listening');
});

afterEach(async () => {
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** Accepts one agent's session, sends it an empty assignment and resolves with its answer. */
async function assignOnce(): Promise<AgentMessage> {
  const key = openIdentity(mkdtempSync(join(folder, 'server-')));
  openIdentity(folder).pin(1, [fingerprintOf(key.publicKey)]);
  const [socket] = (await once(server, 'connection')) as [WebSocket];
  const send = (message: ServerMessage) => socket.send(JSON.stringify(message));
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as AgentMessage;
      if (message.type === 'hello') {
        const sides = { agentKey: message.agentKey, serverKey: key.publicKey };
        const text = signedText('server', { ...sides, agentNonce: message.nonce, serverNonce: nonce, binding: '' });
        const signature = key.sign(text);
        send({ type: 'challenge', serverKey: key.publicKey, nonce, signature, serverMs: Date.now() });
      } else if (message.type === 'proof') {
        const credits = { live: 1, backlog: 1 };
        send({ type: 'welcome', agentId: 1, name: 'a1', heartbeatMs: 60_000, received: [], credits });
        send({ type: 'assign', revision: 7, hash, part: 0, parts: 1, checks: [] });
      } else if (message.type === 'assigned') resolve(message);
    });
  });
}

test('an assignment that the disk does not take is in force all the same, and the log says so', async () => {
  mkdirSync(join(folder, 'assignment.json.new'));
  const errors: string[] = [];
  const log = { error: (line: string) => void errors.push(line), warn: () => {}, info: () => {}, debug: () => {} };
  const answer = assignOnce();
  const { port } = server.address() as AddressInfo;
  const options = agentOptionsFrom({}, { server: `http://127.0.0.1:${port}`, data: folder, name: 'a1' });
  const agent = await startAgent(options, { catalog: {}, runners: {}, log });
  try {
    expect(await answer).toEqual({ type: 'assigned', revision: 7, hash, refused: [] });
    expect(errors).toEqual([
      expect.stringMatching(
        /^the assignment is in force but could not be kept \(EISDIR.*\): free the disk, or a restart/,
      ),
    ]);
  } finally {
    await agent.close();
  }
});

import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { type AssignedCheck, formatEnrolmentToken, SESSION_PATH } from '@netsonde/protocol';
import { createFleet, type OpenFleet } from '../../../apps/server/src/fleet/index.ts';
import { type ConfigStore, openConfigStore } from '../../../apps/server/src/store/config/open-config-store.ts';
import type { KeptFrames } from './kept-frames.ts';

/** The server's end of sessions on a real socket, with real tables. */
export interface SessionServer {
  readonly url: string;
  readonly port: number;
  readonly fleet: OpenFleet;
  readonly config: ConfigStore;
  readonly log: string[];
  readonly events: { readonly name: string; readonly data: unknown }[];
  assign(checks: readonly AssignedCheck[]): void;
  token(uses?: number | null, expiresAt?: number | null): Promise<string>;
  /** Cuts all connections and stops listening, like a host that loses its power. */
  vanish(): Promise<void>;
  close(): Promise<void>;
}

export async function startSessionServer(
  folder: string,
  kept: KeptFrames,
  { port = 0, checks = [] as readonly AssignedCheck[], heartbeatMs = 300, address = '127.0.0.1' } = {},
): Promise<SessionServer> {
  const config = await openConfigStore(join(folder, 'netsonde.db'));
  const log: string[] = [];
  const events: { name: string; data: unknown }[] = [];
  let work = checks;
  let revision = 1;
  const say = (message: string) => log.push(message);
  const fleet = createFleet({
    db: config.db,
    store: kept,
    planning: {
      assignment: () => ({ revision, checks: work }),
      agentChanged: () => {},
      agentRefuses: (agent, refused) =>
        refused.length > 0 && events.push({ name: 'refused', data: { agent, refused } }),
    },
    audience: { results: () => {}, publish: (name, data) => events.push({ name, data }) },
    dataFolder: folder,
    basePath: '',
    heartbeatMs,
    now: Date.now,
    longestDialWaitMs: 500,
    log: { info: say, warn: say, error: say },
  });
  const http = createServer((_request, response) => response.writeHead(404).end());
  const sockets = new Set<Socket>();
  http.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  http.on('upgrade', (request, socket, head) => {
    if (request.url === SESSION_PATH) fleet.fleet.handleUpgrade(request, socket, head);
    else socket.destroy();
  });
  await listen(http, port, address);
  const used = (http.address() as AddressInfo).port;
  return {
    url: `http://${address}:${used}`,
    port: used,
    fleet,
    config,
    log,
    events,
    assign(next) {
      work = next;
      revision += 1;
      for (const agent of fleet.online()) fleet.assignmentChanged(agent);
    },
    async token(uses = 1, expiresAt = null) {
      const id = randomBytes(9).toString('base64url');
      const secret = randomBytes(32).toString('base64url');
      const secret_key = createHash('sha256').update(secret).digest('hex');
      await config.db
        .insertInto('enrolment_token')
        .values({ id, name: 'test', secret_key, created_at: Date.now(), expires_at: expiresAt, uses_left: uses })
        .execute();
      return formatEnrolmentToken({ id, secret, serverFingerprint: fleet.keys.newest.fingerprint });
    },
    async vanish() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
      await fleet.close();
      await config.close();
    },
    async close() {
      await fleet.close();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
      await config.close();
    },
  };
}

function listen(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve());
  });
}

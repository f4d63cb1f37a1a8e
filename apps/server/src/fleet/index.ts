import type { FastifyInstance } from 'fastify';
import { cutOffWarning } from './cut-off.ts';
import { Fleet } from './fleet.ts';
import { KeyRotation } from './key-rotation.ts';
import { ListeningAgents } from './listening/listening-agents.ts';
import type { FleetParts } from './ports.ts';
import { registerSessions } from './register-sessions.ts';
import type { ServerKeys } from './server-key.ts';

/** The agents' side of the server, with its endpoint. */
export interface OpenFleet {
  readonly fleet: Fleet;
  readonly keys: ServerKeys;
  readonly listening: ListeningAgents;
  readonly rotation: KeyRotation;
  readonly acceptMove: Fleet['acceptMove'];
  readonly rotateAgentKey: Fleet['rotateAgentKey'];
  readonly live: Fleet['live'];
  readonly lastSeenMs: Fleet['lastSeenMs'];
  readonly revoke: Fleet['revoke'];
  readonly assignmentChanged: Fleet['assignmentChanged'];
  readonly online: Fleet['online'];
  register(app: FastifyInstance): Promise<void>;
  close(): Promise<void>;
}

/** Opens the fleet. Sessions begin once its endpoint is registered, or if upgrades are passed to `fleet.handleUpgrade`. */
export function createFleet(parts: FleetParts): OpenFleet {
  const fleet = new Fleet(parts);
  const rotation = new KeyRotation({ db: parts.db, keys: fleet.keys, tell: () => fleet.tellServerKeys() });
  const listening = new ListeningAgents({
    ...parts,
    fingerprints: () => fleet.keys.all.map(({ fingerprint }) => fingerprint),
    accept: ({ socket, address, binding }, entered) => fleet.accept(socket, address, binding, entered),
  });
  return Object.freeze({
    fleet,
    keys: fleet.keys,
    listening,
    rotation,
    acceptMove: (agent: number) => fleet.acceptMove(agent),
    rotateAgentKey: (agent: number) => fleet.rotateAgentKey(agent),
    live: (agent: number) => fleet.live(agent),
    lastSeenMs: (agent: number) => fleet.lastSeenMs(agent),
    revoke: async (agent: number) => {
      await fleet.revoke(agent);
      await listening.forget(agent);
    },
    assignmentChanged: (agent: number) => fleet.assignmentChanged(agent),
    online: () => fleet.online(),
    register: async (app: FastifyInstance) => {
      const warning = await cutOffWarning(parts.db, fleet.keys);
      if (warning !== null) parts.log.warn(warning);
      await registerSessions(app, fleet, parts.basePath);
      await listening.open();
    },
    close: async () => {
      await Promise.all([fleet.close(), listening.close()]);
    },
  });
}

export type { FleetParts } from './ports.ts';

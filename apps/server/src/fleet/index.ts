import type { FastifyInstance } from 'fastify';
import { Fleet } from './fleet.ts';
import type { FleetParts } from './ports.ts';
import { registerSessions } from './register-sessions.ts';

/** The agents' side of the server, with its way in. */
export interface OpenFleet {
  readonly fleet: Fleet;
  /** SHA-256 of the server's public key, base64url. */
  readonly serverFingerprint: string;
  readonly live: Fleet['live'];
  readonly revoke: Fleet['revoke'];
  readonly assignmentChanged: Fleet['assignmentChanged'];
  readonly online: Fleet['online'];
  register(app: FastifyInstance): Promise<void>;
  close(): Promise<void>;
}

/** Opens the fleet; sessions begin once its way in is registered, or by handing upgrades to `fleet.handleUpgrade`. */
export function createFleet(parts: FleetParts): OpenFleet {
  const fleet = new Fleet(parts);
  return Object.freeze({
    fleet,
    serverFingerprint: fleet.serverFingerprint,
    live: (agent: number) => fleet.live(agent),
    revoke: (agent: number) => fleet.revoke(agent),
    assignmentChanged: (agent: number) => fleet.assignmentChanged(agent),
    online: () => fleet.online(),
    register: (app: FastifyInstance) => registerSessions(app, fleet, parts.basePath),
    close: () => fleet.close(),
  });
}

export type { FleetParts } from './ports.ts';

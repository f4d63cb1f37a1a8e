import { capabilitySchema } from '@netsonde/protocol';
import { labelsSchema } from '@netsonde/protocol/api';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { selectingLabels } from '../fleet/selecting-labels.ts';
import type { ConfigSchema } from '../store/config-schema.ts';
import type { KnownAgent } from './model.ts';

const capabilitiesSchema = z.array(capabilitySchema);

/** Loads all agents from the database. Each counts as without a session since now. */
export async function loadAgents(db: Kysely<ConfigSchema>, nowMs: number): Promise<Map<number, KnownAgent>> {
  const rows = await db
    .selectFrom('agent')
    .select(['id', 'name', 'labels', 'own_labels', 'own_labels_select', 'capabilities', 'revoked_at'])
    .orderBy('id')
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id,
        name: row.name,
        labels: labelsSchema.parse(selectingLabels(row)),
        capabilities: capabilitiesSchema.parse(JSON.parse(row.capabilities)),
        revoked: row.revoked_at !== null,
        offlineSinceMs: nowMs,
      },
    ]),
  );
}

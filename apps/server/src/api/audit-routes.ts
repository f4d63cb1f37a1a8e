import { digits, instantSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import { iso } from './instants.ts';
import type { ApiParts } from './parts.ts';
import { type ApiRoute, route } from './route.ts';

const entrySchema = z.object({
  id: z.int(),
  at: instantSchema,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: z.string(),
});
const querySchema = z.object({
  /** Only entries older than this id: the next page. */
  before: digits(1).optional(),
  limit: digits(1, 1000).default(100),
});

/** Route of the audit log, newest first. */
export function auditRoutes({ auth }: ApiParts): readonly ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/audit',
      access: 'admin',
      tag: 'Audit',
      summary: 'Who did what, newest first.',
      query: querySchema,
      answer: z.object({ entries: z.array(entrySchema), more: z.boolean() }),
      handle: async ({ query: { before, limit } }) => {
        let query = auth.db
          .selectFrom('audit')
          .selectAll()
          .orderBy('id', 'desc')
          .limit(limit + 1);
        if (before !== undefined) query = query.where('id', '<', before);
        const rows = await query.execute();
        return { entries: rows.slice(0, limit).map((row) => ({ ...row, at: iso(row.at) })), more: rows.length > limit };
      },
    }),
  ];
}

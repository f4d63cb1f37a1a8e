import { z } from 'zod';

/** An instant as the API writes it: ISO 8601 in UTC, with Z. Epoch ms inside. */
export const instantSchema = z.iso.datetime();

/** An instant as people and programs give it: with Z or with an offset, which is not kept. */
export const givenInstantSchema = z.iso
  .datetime({ offset: true })
  .refine(isWritable, 'is outside of the years 0 to 9999 in UTC: give an instant within them');

/** What is no instant is refused as such. An offset moves the last hours of the year 9999 into one of five digits. */
function isWritable(instant: string): boolean {
  const ms = Date.parse(instant);
  return Number.isNaN(ms) || /^\d{4}-/.test(new Date(ms).toISOString());
}
export const idSchema = z.int().positive();

/** A whole number as paths and queries write it: decimal digits and nothing else, so that ` 1`, `1e3` and `0x10` are refused. */
export const digits = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^-?\d{1,16}$/, 'write a whole number in digits')
    .transform(Number)
    .pipe(z.int().min(least).max(most));

export const ROLES = ['viewer', 'editor', 'admin'] as const;
export const roleSchema = z.enum(ROLES);
export type Role = z.infer<typeof roleSchema>;

/** RFC 9457 problem details. `code` is stable; `fields` names what was wrong with the request, by path. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

export const verdictCountsSchema = z.object({ up: z.int(), degraded: z.int(), down: z.int(), unknown: z.int() });

/** Damage in the server's files that may make the counts of an answer smaller than they are. Left out where none is known. */
export const damagedCountsSchema = z.object({
  /** Number of damaged places. */
  places: z.int(),
  /** At most so many results are not counted or cannot be read; null: nobody can tell how many. */
  resultsAtMost: z.int().nullable(),
});

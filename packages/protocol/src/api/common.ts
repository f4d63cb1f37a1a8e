import { z } from 'zod';

/** Epoch ms inside; ISO 8601 with Z in the API. */
export const instantSchema = z.iso.datetime();
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

/** A name that people gave: one line that can be printed. */
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has characters that cannot be printed: leave them out');
export const verdictCountsSchema = z.object({ up: z.int(), degraded: z.int(), down: z.int(), unknown: z.int() });

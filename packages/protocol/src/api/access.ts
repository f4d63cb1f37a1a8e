import { z } from 'zod';
import { labelsSchema } from '../labels.ts';
import { nameSchema } from '../name.ts';
import { givenInstantSchema, idSchema, instantSchema, roleSchema } from './common.ts';

const password = z.string().min(10).max(200);
const username = z
  .string()
  .trim()
  .regex(
    /^[a-zA-Z0-9._@-]{1,64}$/,
    'write 1 to 64 letters (a to z), digits, dots, hyphens, underscores or @, without spaces',
  );

export const setupStateSchema = z.object({ needed: z.boolean() });
export const setupRequestSchema = z.strictObject({ token: z.string().max(200), username, password });
export const signInRequestSchema = z.strictObject({ username: z.string().max(64), password: z.string().max(200) });

/** Who the caller is; `csrf` goes into the header `x-csrf-token` of each changing call made with a session cookie. */
export const sessionSchema = z.object({ username: z.string(), role: roleSchema, csrf: z.string() });
export type UserSession = z.infer<typeof sessionSchema>;

export const userSchema = z.object({ id: idSchema, username: z.string(), role: roleSchema, createdAt: instantSchema });
export type User = z.infer<typeof userSchema>;
export const createUserSchema = z.strictObject({ username, password, role: roleSchema });
export const changeUserSchema = z.strictObject({ role: roleSchema.optional(), password: password.optional() });
export const changePasswordSchema = z.strictObject({ current: z.string().max(200), password });

export const apiTokenSchema = z.object({
  id: idSchema,
  name: z.string(),
  role: roleSchema,
  createdAt: instantSchema,
  lastUsedAt: instantSchema.nullable(),
  expiresAt: instantSchema.nullable(),
});
export type ApiToken = z.infer<typeof apiTokenSchema>;
export const createApiTokenSchema = z.strictObject({
  name: nameSchema,
  role: roleSchema,
  expiresAt: givenInstantSchema.nullable().default(null),
});
/** The secret is in this answer only. */
export const createdApiTokenSchema = apiTokenSchema.extend({ token: z.string() });

export const enrolmentTokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: instantSchema,
  expiresAt: instantSchema.nullable(),
  usesLeft: z.int().nullable(),
  /** The administrator's labels of agents that enrol with it. */
  labels: labelsSchema,
  /** Whether labels that these agents declare themselves select tests too. */
  ownLabelsSelect: z.boolean(),
});
export type EnrolmentTokenInfo = z.infer<typeof enrolmentTokenSchema>;
/** `uses` null: any number of agents. */
export const createEnrolmentTokenSchema = z.strictObject({
  name: nameSchema,
  uses: z.int().min(1).max(10_000).nullable().default(1),
  expiresInHours: z.int().min(1).max(8760).nullable().default(24),
  labels: labelsSchema.default({}),
  ownLabelsSelect: z.boolean().default(false),
});
export const createdEnrolmentTokenSchema = enrolmentTokenSchema.extend({ token: z.string() });

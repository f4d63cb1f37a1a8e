import {
  apiTokenSchema,
  createApiTokenSchema,
  createdApiTokenSchema,
  createdEnrolmentTokenSchema,
  createEnrolmentTokenSchema,
  enrolmentTokenSchema,
} from '@netsonde/protocol/api';
import { z } from 'zod';
import { createApiToken, deleteApiToken, listApiTokens } from '../auth/api-tokens.ts';
import { actorName } from '../auth/caller.ts';
import { createEnrolmentToken, deleteEnrolmentToken, listEnrolmentTokens } from '../auth/enrolment-tokens.ts';
import { epochOrNull } from './instants.ts';
import type { ApiParts } from './parts.ts';
import { invalid, notFound } from './problem.ts';
import { type ApiRoute, idParams, route } from './route.ts';

/** Routes of API tokens. */
export function apiTokenRoutes({ auth, audit, hub }: ApiParts): readonly ApiRoute[] {
  const common = { access: 'admin', tag: 'Tokens' } as const;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/api-tokens',
      summary: 'All API tokens, without their secrets.',
      answer: z.array(apiTokenSchema),
      handle: async () => [...(await listApiTokens(auth))],
    }),
    route({
      ...common,
      method: 'POST',
      path: '/api-tokens',
      summary: 'Makes an API token; its text is in this answer only.',
      body: createApiTokenSchema,
      answer: createdApiTokenSchema,
      status: 201,
      handle: async ({ body: { name, role, expiresAt }, caller }) => {
        const expiresMs = epochOrNull(expiresAt);
        if (expiresMs !== null && expiresMs <= auth.now())
          throw invalid([{ path: 'expiresAt', message: 'is in the past' }]);
        const token = await createApiToken(auth, { name, role, expiresMs });
        await audit({
          actor: actorName(caller),
          action: 'api_token.create',
          subject: `api token ${token.id}`,
          detail: `${name} ${role}`,
        });
        return token;
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/api-tokens/:id',
      summary: 'Revokes an API token.',
      params: idParams,
      status: 204,
      handle: async ({ params: { id }, caller }) => {
        if (!(await deleteApiToken(auth, id))) throw notFound('API token', id);
        await audit({ actor: actorName(caller), action: 'api_token.delete', subject: `api token ${id}` });
        await hub.recheck();
      },
    }),
  ];
}

/** Routes of enrolment tokens. */
export function enrolmentTokenRoutes({ auth, audit, serverFingerprint }: ApiParts): readonly ApiRoute[] {
  const common = { access: 'admin', tag: 'Tokens' } as const;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/enrolment-tokens',
      summary: 'All enrolment tokens, without their secrets.',
      answer: z.array(enrolmentTokenSchema),
      handle: async () => [...(await listEnrolmentTokens(auth))],
    }),
    route({
      ...common,
      method: 'POST',
      path: '/enrolment-tokens',
      summary: 'Makes an enrolment token; its text is in this answer only.',
      body: createEnrolmentTokenSchema,
      answer: createdEnrolmentTokenSchema,
      status: 201,
      handle: async ({ body, caller }) => {
        const token = await createEnrolmentToken(auth, serverFingerprint(), body);
        await audit({
          actor: actorName(caller),
          action: 'enrolment_token.create',
          subject: `enrolment token ${token.id}`,
          detail: body.name,
        });
        return token;
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/enrolment-tokens/:id',
      summary: 'Revokes an enrolment token; agents that used it stay enrolled.',
      params: z.object({ id: z.string().regex(/^[\w-]{1,32}$/) }),
      status: 204,
      handle: async ({ params: { id }, caller }) => {
        if (!(await deleteEnrolmentToken(auth, id))) throw notFound('enrolment token', id);
        await audit({ actor: actorName(caller), action: 'enrolment_token.delete', subject: `enrolment token ${id}` });
      },
    }),
  ];
}

import { changePasswordSchema, changeUserSchema, createUserSchema, userSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import { ownPasswordKeys } from '../auth/attempt-limits.ts';
import type { FailedAttempts } from '../auth/attempts.ts';
import { actorName } from '../auth/caller.ts';
import { endSessionsOf } from '../auth/sessions.ts';
import { changeUser, createUser, deleteUser, findByPassword, listUsers, setPassword } from '../auth/users.ts';
import type { ApiParts } from './parts.ts';
import { ApiProblem, invalid } from './problem.ts';
import { type ApiRoute, idParams, route } from './route.ts';

/** Routes of users and of a user's own password. */
export function userRoutes({ auth, audit, hub }: ApiParts, attempts: FailedAttempts): readonly ApiRoute[] {
  return [
    route({
      method: 'GET',
      path: '/users',
      access: 'admin',
      tag: 'Users',
      summary: 'All users.',
      answer: z.array(userSchema),
      handle: async () => [...(await listUsers(auth))],
    }),
    route({
      method: 'POST',
      path: '/users',
      access: 'admin',
      tag: 'Users',
      summary: 'Makes a user.',
      body: createUserSchema,
      refusals: [409],
      answer: userSchema,
      status: 201,
      handle: async ({ body, caller }) => {
        const user = await createUser(auth, body);
        await audit({
          actor: actorName(caller),
          action: 'user.create',
          subject: `user ${user.id}`,
          detail: `${user.username} ${user.role}`,
        });
        return user;
      },
    }),
    route({
      method: 'PATCH',
      path: '/users/:id',
      access: 'admin',
      tag: 'Users',
      summary: 'Changes a role or sets a password; a new password ends the user’s sessions.',
      params: idParams,
      body: changeUserSchema,
      refusals: [409],
      answer: userSchema,
      handle: async ({ params: { id }, body, caller }) => {
        const user = await changeUser(auth, id, body);
        const detail = [
          body.role === undefined ? '' : `role ${body.role}`,
          body.password === undefined ? '' : 'password',
        ];
        await audit({
          actor: actorName(caller),
          action: 'user.change',
          subject: `user ${id}`,
          detail: detail.filter(Boolean).join(', '),
        });
        await hub.recheck();
        return user;
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/:id',
      access: 'admin',
      tag: 'Users',
      summary: 'Deletes a user and ends all its sessions.',
      params: idParams,
      refusals: [409],
      status: 204,
      handle: async ({ params: { id }, caller }) => {
        await deleteUser(auth, id);
        await audit({ actor: actorName(caller), action: 'user.delete', subject: `user ${id}` });
        await hub.recheck();
      },
    }),
    ...(['PUT', 'POST'] as const).map((method) =>
      route({
        method,
        path: '/me/password',
        access: 'viewer',
        tag: 'Access',
        summary: 'Changes one’s own password and ends one’s other sessions.',
        body: changePasswordSchema,
        refusals: [429],
        status: 204,
        handle: async ({ body, caller }) => {
          if (caller.kind !== 'user') throw new ApiProblem(403, 'forbidden', 'An API token has no password.');
          await attempts.run(ownPasswordKeys(caller.userId), ['password'], async () => {
            if ((await findByPassword(auth, caller.name, body.current)) === null)
              throw invalid([{ path: 'current', message: 'this is not your password' }]);
          });
          await setPassword(auth, caller.userId, body.password);
          await endSessionsOf(auth, caller.userId, caller.sessionHash);
          await audit({ actor: actorName(caller), action: 'password.change', subject: `user ${caller.userId}` });
          await hub.recheck();
        },
      }),
    ),
  ];
}

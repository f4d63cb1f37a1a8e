import { sessionSchema, setupRequestSchema, setupStateSchema, signInRequestSchema } from '@netsonde/protocol/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { deviceKeys, setupKeys, signInKeys } from '../auth/attempt-limits.ts';
import type { FailedAttempts } from '../auth/attempts.ts';
import type { Caller } from '../auth/caller.ts';
import { DEVICE_COOKIE, DEVICE_SECONDS, deviceCookie, knownDevice } from '../auth/device-cookie.ts';
import { SESSION_COOKIE } from '../auth/identify.ts';
import { ABSOLUTE_MS, endSession, startSession } from '../auth/sessions.ts';
import { setUp, setupNeeded } from '../auth/setup-link.ts';
import { findByPassword } from '../auth/users.ts';
import type { ApiParts } from './parts.ts';
import { ApiProblem } from './problem.ts';
import { type ApiRoute, route } from './route.ts';

/** Routes of set-up, sign-in and sign-out. */
export function accessRoutes(parts: ApiParts, attempts: FailedAttempts): readonly ApiRoute[] {
  const { auth, audit, hub } = parts;

  async function signedIn(
    raw: FastifyRequest,
    reply: FastifyReply,
    user: { id: number; username: string; role: 'viewer' | 'editor' | 'admin' },
  ) {
    const options = cookieOptions(raw, parts.basePath);
    const { secret, csrf } = await startSession(auth, user.id, raw.cookies[SESSION_COOKIE]);
    const device = await deviceCookie(auth, user.id);
    reply.setCookie(SESSION_COOKIE, secret, { ...options, maxAge: ABSOLUTE_MS / 1000 });
    if (device !== null) reply.setCookie(DEVICE_COOKIE, device, { ...options, maxAge: DEVICE_SECONDS });
    await hub.recheck();
    return { username: user.username, role: user.role, csrf };
  }

  return [
    route({
      method: 'GET',
      path: '/setup',
      access: 'public',
      tag: 'Access',
      summary: 'Whether the first admin is still to be made.',
      answer: setupStateSchema,
      handle: async () => ({ needed: await setupNeeded(auth) }),
    }),
    route({
      method: 'POST',
      path: '/setup',
      access: 'public',
      tag: 'Access',
      summary: 'Makes the first admin with the token of the set-up link, and signs in.',
      body: setupRequestSchema,
      refusals: [409, 429],
      answer: sessionSchema,
      status: 201,
      handle: async ({ body, raw, reply }) => {
        const user = await attempts.run(setupKeys(raw.ip), ['setup'], () => setUp(auth, body));
        await audit({ actor: `user:${user.username}`, action: 'setup', subject: `user ${user.id}` });
        return signedIn(raw, reply, user);
      },
    }),
    route({
      method: 'POST',
      path: '/session',
      access: 'public',
      tag: 'Access',
      summary: 'Signs in.',
      body: signInRequestSchema,
      refusals: [401, 429],
      answer: sessionSchema,
      status: 201,
      handle: async ({ body: { username, password }, raw, reply }) => {
        const device = await knownDevice(auth, username, raw.cookies[DEVICE_COOKIE]);
        const keys = device === null ? signInKeys(raw.ip, username) : deviceKeys(device);
        const user = await attempts.run(keys, ['pair', 'device'], async () => {
          const found = await findByPassword(auth, username, password);
          if (found === null) {
            await audit({ actor: 'anonymous', action: 'session.refused', subject: `name ${username}`, detail: raw.ip });
            throw new ApiProblem(401, 'wrong_credentials', 'User name or password is wrong.');
          }
          return found;
        });
        await audit({
          actor: `user:${user.username}`,
          action: 'session.start',
          subject: `user ${user.id}`,
          detail: raw.ip,
        });
        return signedIn(raw, reply, user);
      },
    }),
    ...(['/session', '/me'] as const).map((path) =>
      route({
        method: 'GET',
        path,
        access: 'viewer',
        tag: 'Access',
        summary: 'Who the caller is.',
        answer: sessionSchema,
        handle: async ({ caller }) => whoIs(caller),
      }),
    ),
    route({
      method: 'DELETE',
      path: '/session',
      access: 'viewer',
      tag: 'Access',
      summary: 'Signs out: the session is over on the server.',
      status: 204,
      handle: async ({ caller, raw, reply }) => {
        if (caller.kind === 'user') await endSession(auth, caller.sessionHash);
        reply.clearCookie(SESSION_COOKIE, cookieOptions(raw, parts.basePath));
        await hub.recheck();
      },
    }),
  ];
}

function whoIs(caller: Caller) {
  if (caller.kind === 'anonymous') throw new ApiProblem(401, 'unauthenticated', 'Sign in first.');
  return { username: caller.name, role: caller.role, csrf: caller.kind === 'user' ? caller.csrf : '' };
}

const cookieOptions = ({ protocol }: FastifyRequest, basePath: string) =>
  ({ httpOnly: true, sameSite: 'lax', secure: protocol === 'https', path: basePath === '' ? '/' : basePath }) as const;

import {
  apiTokenSchema,
  type changePasswordSchema,
  type changeUserSchema,
  type createApiTokenSchema,
  createdApiTokenSchema,
  type createUserSchema,
  userSchema,
} from '@netsonde/protocol/api';
import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { call, nothing } from './client.ts';

export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => call(z.array(userSchema), 'users', { signal }),
});
export const createUser = (input: z.input<typeof createUserSchema>) =>
  call(userSchema, 'users', { method: 'POST', body: input });
export const changeUser = (id: number, change: z.input<typeof changeUserSchema>) =>
  call(userSchema, `users/${id}`, { method: 'PATCH', body: change });
export const deleteUser = (id: number) => call(nothing, `users/${id}`, { method: 'DELETE' });

export const apiTokensQuery = queryOptions({
  queryKey: ['api-tokens'],
  queryFn: ({ signal }) => call(z.array(apiTokenSchema), 'api-tokens', { signal }),
});
export const createApiToken = (input: z.input<typeof createApiTokenSchema>) =>
  call(createdApiTokenSchema, 'api-tokens', { method: 'POST', body: input });
export const deleteApiToken = (id: number) => call(nothing, `api-tokens/${id}`, { method: 'DELETE' });

export const changePassword = (input: z.input<typeof changePasswordSchema>) =>
  call(nothing, 'me/password', { method: 'POST', body: input });

import { testSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import { actorName } from '../auth/caller.ts';
import { BODY_LIMITS } from '../http/body-limits.ts';
import { withKeptSecrets } from '../planning/secrets.ts';
import { testInputFor } from '../planning/test-input.ts';
import type { TimingDefaults } from '../planning/test-timing.ts';
import type { ApiParts } from './parts.ts';
import { preview, previewSchema } from './preview.ts';
import { type ApiRoute, idParams, route } from './route.ts';
import { listTests, oneTest } from './test-view.ts';

/** Routes of tests and their life cycle. */
export function testRoutes(parts: ApiParts, defaults: TimingDefaults): readonly ApiRoute[] {
  const { planner, audit, catalog, tallies } = parts;
  const testInput = testInputFor(catalog);
  const reading = { access: 'viewer', tag: 'Tests' } as const;
  const writing = { access: 'editor', tag: 'Tests' } as const;
  return [
    route({
      ...reading,
      method: 'GET',
      path: '/tests',
      summary: 'All tests, newest first.',
      answer: z.array(testSchema),
      handle: () => listTests(parts),
    }),
    route({
      ...reading,
      method: 'GET',
      path: '/tests/:id',
      summary: 'One test.',
      params: idParams,
      answer: testSchema,
      handle: ({ params: { id } }) => oneTest(parts, id),
    }),
    route({
      ...writing,
      method: 'POST',
      path: '/tests',
      summary: 'Makes a test. It starts at once unless it names a later start.',
      body: testInput,
      prepare: (body) => withKeptSecrets(catalog, [], body),
      bodyLimit: BODY_LIMITS.test,
      answer: testSchema,
      status: 201,
      handle: async ({ body, caller }) => {
        const { id, name } = await planner.create(body, actorName(caller));
        await audit({ actor: actorName(caller), action: 'test.create', subject: `test ${id}`, detail: name });
        return oneTest(parts, id);
      },
    }),
    route({
      ...writing,
      method: 'POST',
      path: '/tests/preview',
      summary: 'Validates a test and describes what it would do, without storing it.',
      body: testInput,
      bodyLimit: BODY_LIMITS.test,
      whileTyping: true,
      answer: previewSchema,
      handle: async ({ body }) => preview(parts, body, defaults),
    }),
    route({
      ...writing,
      method: 'PUT',
      path: '/tests/:id',
      summary:
        'Replaces a test. Checks that mean the same as before keep their id and history; a secret that is sent back as it was shown stays unchanged.',
      params: idParams,
      body: testInput,
      prepare: (body, { id }) => withKeptSecrets(catalog, planner.test(id).checks, body),
      bodyLimit: BODY_LIMITS.test,
      answer: testSchema,
      handle: async ({ params: { id }, body, caller }) => {
        await planner.edit(id, body);
        await audit({ actor: actorName(caller), action: 'test.change', subject: `test ${id}`, detail: body.name });
        return oneTest(parts, id);
      },
    }),
    route({
      ...writing,
      method: 'DELETE',
      path: '/tests/:id',
      summary: 'Deletes a test with all its results.',
      params: idParams,
      status: 204,
      handle: async ({ params: { id }, caller }) => {
        await planner.delete(id);
        tallies.forget(id);
        await audit({ actor: actorName(caller), action: 'test.delete', subject: `test ${id}` });
      },
    }),
    ...(['start', 'stop'] as const).map((step) =>
      route({
        ...writing,
        method: 'POST',
        path: `/tests/:id/${step}`,
        summary:
          step === 'start'
            ? 'Starts a test now, for its whole duration.'
            : 'Stops a test: nothing of it is due any more.',
        params: idParams,
        answer: testSchema,
        handle: async ({ params: { id }, caller }) => {
          await planner[step](id);
          await audit({ actor: actorName(caller), action: `test.${step}`, subject: `test ${id}` });
          return oneTest(parts, id);
        },
      }),
    ),
  ];
}

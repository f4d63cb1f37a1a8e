import { type Catalog, declareProbe } from '@netsonde/probes/catalog';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ApiProblem } from '../api/problem.ts';
import { testInputFor } from './test-input.ts';
import { checkTest } from './validate-test.ts';

const catalog: Catalog = {
  post: declareProbe({
    id: 'post',
    label: 'Post',
    summary: 'Exists in this suite only',
    target: { form: 'host:port' },
    options: z.strictObject({ body: z.string().default('').meta({ label: 'Body', description: '' }) }),
    metrics: [],
    samples: [],
    instance: null,
    needs: [],
    cost: () => ({ packets: 1, bytes: 100, seconds: 1, leastSeconds: 0, resolvingSeconds: 0 }),
  }),
};

/** Paths and messages of the faults of a test with two checks, the second with this body. */
function faults(body: string): unknown {
  const input = testInputFor(catalog).parse({
    name: 'door',
    targets: [{ address: 'one.test:1' }],
    checks: [{ probe: 'post' }, { probe: 'post', options: { body } }],
    agents: { by: 'any', count: 1 },
  });
  try {
    checkTest(input, catalog, new Map());
    return [];
  } catch (error) {
    return (error as ApiProblem).fields;
  }
}

test('a check whose JSON does not fit a frame is refused', () => {
  const tooLarge = [
    {
      path: 'checks[1].options',
      message: 'are larger than the 40 KiB that an agent takes: shorten body, ca or headers',
    },
  ];
  const around = JSON.stringify({ options: { body: '' }, expectations: [] }).length;
  expect(faults('x'.repeat(40 * 1024 - around))).toEqual([]);
  expect(faults('x'.repeat(40 * 1024 - around + 1))).toEqual(tooLarge);
  expect(faults('\u0001'.repeat(7000))).toEqual(tooLarge);
});

/** Faults of a test with these targets. */
function targetFaults(addresses: readonly string[], standing: readonly string[] = []): unknown {
  const input = testInputFor(catalog).parse({
    name: 'door',
    targets: addresses.map((address) => ({ address })),
    checks: [{ probe: 'post' }],
    agents: { by: 'any', count: 1 },
  });
  try {
    checkTest(input, catalog, new Map(), new Set(standing));
    return [];
  } catch (error) {
    return (error as ApiProblem).fields;
  }
}

test('two spellings of one target are refused, unless the test has both of them already', () => {
  const two = ['one.test:1', 'One.test.:1'];
  const fault = { path: 'targets[1].address', message: '"One.test.:1" is in the list already, as "one.test:1"' };
  expect(targetFaults(two)).toEqual([fault]);
  expect(targetFaults(two, ['one.test:1'])).toEqual([fault]);
  expect(targetFaults(two, two)).toEqual([]);
  expect(targetFaults(['[::1]:1', '[0:0::1]:1', '[::1]:2'])).toMatchObject([{ path: 'targets[1].address' }]);
  expect(targetFaults(['one.test:1', 'one.test:1'], ['one.test:1'])).toMatchObject([
    { message: '"one.test:1" is in the list already' },
  ]);
});

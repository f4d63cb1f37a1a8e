import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ProbeDescriptor } from '../contract/descriptor.ts';
import { catalog, type ProbeId } from '../registry.ts';
import { exceptions } from './exceptions.test-support.ts';
import { faultOfSights, type Sight } from './judge-sights.test-support.ts';
import { Stage } from './stage.test-support.ts';
import { metricOf, type Shown, type Truth } from './truth.test-support.ts';
import { truths } from './truths.test-support.ts';

const probes = Object.keys(catalog) as ProbeId[];

/** How many truths are shown at a time: most of them wait for the network that they set. */
const AT_ONCE = 5;

const metricIdsOf = ({ metrics, instance }: ProbeDescriptor): readonly string[] =>
  [...metrics, ...(instance?.metrics ?? [])].map(({ id }) => id);

const shown = new Map<Truth, Shown>();

beforeAll(async () => {
  const waiting = probes.flatMap((probe) => truths[probe]);
  const showNext = async (): Promise<void> => {
    for (let truth = waiting.shift(); truth !== undefined; truth = waiting.shift()) shown.set(truth, await show(truth));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, showNext));
}, 240_000);

async function show(truth: Truth): Promise<Shown> {
  const stage = new Stage();
  try {
    return await truth.show(stage);
  } catch (error) {
    throw new Error(`no run could be shown under ${truth.made}`, { cause: error });
  } finally {
    await stage.close();
  }
}

describe.each(probes)('%s', (probe) => {
  const known = metricIdsOf(catalog[probe]);
  const shownOf = (): readonly (readonly [Truth, Shown])[] =>
    [...shown].filter(([truth]) => truths[probe].includes(truth));

  test.each(known)('%s is present and right under two truths', (id) => {
    const sights = shownOf().flatMap(([{ made }, one]): Sight[] => {
      const expected = one.expects[id];
      return expected === undefined ? [] : [{ made, expected, value: metricOf(one, id) }];
    });
    expect(faultOfSights(sights, `${probe}.${id}` in exceptions)).toBeNull();
  });

  test('has no truth about a metric that does not exist', () => {
    const expected = shownOf().flatMap(([, { expects }]) => Object.keys(expects));
    expect(expected.filter((id) => !known.includes(id))).toEqual([]);
  });
});

test('each exception names a metric that exists, and says why', () => {
  const known = probes.flatMap((probe) => metricIdsOf(catalog[probe]).map((id) => `${probe}.${id}`));
  expect(Object.keys(exceptions).filter((name) => !known.includes(name))).toEqual([]);
  for (const reason of Object.values(exceptions)) expect(reason.length).toBeGreaterThan(20);
});

test('docs/metrics.md lists the same exceptions', async () => {
  const page = await readFile(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
  expect([...page.matchAll(/^\| `(\w+\.\w+)` /gm)].map(([, name]) => name)).toEqual(Object.keys(exceptions));
});

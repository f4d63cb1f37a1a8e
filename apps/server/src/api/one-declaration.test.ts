import { type Catalog, declareProbe, catalog as everyProbe } from '@netsonde/probes/catalog';
import type { ProbeInfo, Test } from '@netsonde/protocol/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type Credentials, call, setUp, startServer, type TestServer } from './server.test-support.ts';

/** A probe that exists only in this suite. Everything below must derive from this declaration. */
const lantern = declareProbe({
  id: 'lantern',
  label: 'Lantern',
  summary: 'Counts the flashes of a lighthouse',
  target: { form: 'host[:port]', defaultPort: 1822 },
  options: z.strictObject({
    flashes: z.int().min(1).max(12).default(4).meta({ label: 'Flashes', description: 'How many to wait for' }),
    colour: z
      .enum(['white', 'red'])
      .default('white')
      .meta({ label: 'Colour', description: 'Of the light', identity: false }),
  }),
  metrics: [
    {
      id: 'flash_period_ms',
      label: 'Period',
      description: 'From flash to flash',
      kind: 'float',
      unit: 'ms',
      better: 'neither',
      aggregate: 'mean',
      source: 'this suite',
      headline: true,
    },
  ],
  samples: [{ id: 'flashes_ms', label: 'Flashes', description: 'Each flash', unit: 'ms' }],
  instance: null,
  needs: [],
  cost: ({ flashes }) => ({ packets: flashes, bytes: flashes, seconds: flashes, leastSeconds: 0, resolvingSeconds: 0 }),
});
const catalog: Catalog = { ...everyProbe, lantern };

let server: TestServer;
let admin: Credentials;

beforeAll(async () => {
  server = await startServer({ catalog });
  admin = await setUp(server);
});
afterAll(() => server.close());

const body = (options: Record<string, unknown>) => ({
  name: 'light',
  targets: [{ address: 'lighthouse.test' }],
  checks: [{ probe: 'lantern', options, expectations: [{ metric: 'flash_period_ms', op: '<', value: 9000 }] }],
  agents: { by: 'any', count: 1 },
});

test('the catalog contains a newly declared probe', async () => {
  const { body: probes } = await server.call<ProbeInfo[]>('GET', '/catalog', undefined, admin);
  const shown = probes.find(({ id }) => id === 'lantern');
  expect(shown?.options.map(({ name, default: fallback }) => [name, fallback])).toEqual([
    ['flashes', 4],
    ['colour', 'white'],
  ]);
  expect(shown?.metrics.map(({ id }) => id)).toEqual(['flash_period_ms']);
});

test('OpenAPI and the reference page describe a newly declared probe', async () => {
  const { body: document, text } = await call<{
    openapi: string;
    components: { schemas: Record<string, { properties: object }> };
  }>(`${server.url}/api/v1/openapi.json`, 'GET');
  expect(document.openapi).toBe('3.1.0');
  expect(document.components.schemas.lanternOptions?.properties).toMatchObject({
    flashes: { type: 'integer', maximum: 12, default: 4, label: 'Flashes' },
  });
  expect(
    JSON.parse(text).paths['/tests'].post.requestBody.content['application/json'].schema.properties.checks.items.oneOf,
  ).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ properties: expect.objectContaining({ probe: { type: 'string', const: 'lantern' } }) }),
    ]),
  );
  const page = await call(`${server.url}/api/v1/docs`, 'GET');
  for (const said of [
    'Counts the flashes of a lighthouse',
    'port 1822 by default',
    'integer from 1 to 12',
    '<td>flash_period_ms</td>',
    'lanternOptions',
  ])
    expect(page.text).toContain(said);
  expect(page.text).not.toMatch(/<script|style=|https?:\/\/(?!json-schema)/);
});

test('tests with a newly declared probe are validated, created, and exported with its columns', async () => {
  const refused = await server.call<{ fields: { path: string }[] }>('POST', '/tests', body({ flashes: 13 }), admin);
  expect([refused.status, refused.body.fields.map(({ path }) => path)]).toEqual([422, ['checks[0].options.flashes']]);
  const { body: made } = await server.call<Test>('POST', '/tests', body({ flashes: 5 }), admin);
  expect(made.checks[0]).toMatchObject({ probe: 'lantern', options: { flashes: 5, colour: 'white' } });
  const id = made.checks[0]?.id;
  const recoloured = await server.call<Test>('PUT', `/tests/${made.id}`, body({ flashes: 5, colour: 'red' }), admin);
  expect(recoloured.body.checks[0]).toMatchObject({ id, options: { colour: 'red' } });
  const changed = await server.call<Test>('PUT', `/tests/${made.id}`, body({ flashes: 6 }), admin);
  expect(changed.body.checks[0]?.id).not.toBe(id);
  const csv = await server.call('GET', `/tests/${made.id}/export.csv`, undefined, admin);
  expect(csv.headers.get('content-disposition')).toContain(`netsonde-test-${made.id}.csv`);
  const header = csv.text.trim().split(',');
  expect(header).toEqual(expect.arrayContaining(['flash_period_ms', 'flashes_ms', 'absent']));
  const window = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z';
  const series = await server.call(
    'GET',
    `/tests/${made.id}/series?check=${changed.body.checks[0]?.id}&metric=flash_period_ms&${window}`,
    undefined,
    admin,
  );
  expect([series.status, series.body]).toEqual([
    200,
    { bucketMs: null, level: 'raw', retiredBeforeMs: null, capped: null, lines: [] },
  ]);
});

test('a test without online agents and a run longer than its interval are warned of', async () => {
  const { body: shown } = await server.call<{ warnings: string[]; packetsPerSecond: number }>(
    'POST',
    '/tests/preview',
    { ...body({ flashes: 6 }), interval: 3 },
    admin,
  );
  expect(shown.packetsPerSecond).toBe(2);
  const { packets = 0, bytes = 0, seconds = 0 } = catalog.lantern?.cost({ flashes: 6, colour: 'white' }) ?? {};
  expect(shown).toMatchObject({
    matched: { agents: 0, online: 0 },
    checks: [
      { probe: 'lantern', interval: 3, perRun: { packets, bytes, seconds }, options: { flashes: 6, colour: 'white' } },
    ],
    perHour: {
      runs: 1200,
      packets: 1200 * packets,
      bytes: 1200 * bytes,
      seconds: 1200 * seconds,
    },
  });
  expect(shown.warnings).toEqual([
    expect.stringContaining('No agent runs this test'),
    expect.stringContaining('takes up to 6 s, longer than its interval of 3 s'),
  ]);
});

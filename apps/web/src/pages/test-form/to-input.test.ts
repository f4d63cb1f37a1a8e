import { catalog, type ProbeDescriptor } from '@netsonde/probes/catalog';
import { catalogInfo, type ProbeInfo, TEST_STATES, type Test, testInputSchema } from '@netsonde/protocol/api';
import { describe, expect, it } from 'vitest';
import { type CheckDraft, draftOf, emptyCheck, emptyDraft, type TestDraft } from './draft.ts';
import { readTargetLines } from './target-lines.ts';
import { readDraft } from './to-input.ts';

const probes = catalogInfo(catalog as Readonly<Record<string, ProbeDescriptor>>);
const first = probes[0] as ProbeInfo;
const hostProbe = probes.find(({ target }) => target.form === 'host') as ProbeInfo;
const numberMetric = hostProbe.metrics.find(({ kind }) => kind === 'float');

const draftWith = (part: Partial<TestDraft>, check: Partial<CheckDraft> = {}): TestDraft => ({
  ...emptyDraft(probes),
  name: 'Gateways',
  targets: '127.0.0.1',
  checks: [{ ...emptyCheck(hostProbe.id), ...check }],
  ...part,
});

it('an empty draft names the missing fields', () => {
  const { errors } = readDraft(emptyDraft(probes), probes);
  expect(Object.keys(errors).sort()).toEqual(['name', 'targets']);
});

it('a draft becomes a body that the API accepts', () => {
  const { input, errors } = readDraft(
    draftWith({ interval: '2', length: 'span', duration: '3', durationUnit: 'min' }),
    probes,
  );
  expect(errors).toEqual({});
  expect(testInputSchema.parse(input)).toMatchObject({
    name: 'Gateways',
    targets: [{ address: '127.0.0.1', labels: {} }],
    checks: [{ probe: hostProbe.id, options: {}, interval: null }],
    agents: { by: 'any', count: 1 },
    interval: 2,
    duration: 180,
  });
  expect(input).not.toHaveProperty('startAt');
});

it('a number is sent as it was typed, or refused at its field', () => {
  const count = { ...hostProbe.options.find(({ kind, maximum }) => kind === 'integer' && maximum !== undefined) };
  const read = (typed: string) =>
    readDraft(
      draftWith(
        { interval: typed, length: 'span', duration: typed, count: typed },
        { interval: typed, options: { [String(count.name)]: typed } },
      ),
      probes,
    );
  const paths = ['agents', 'checks.0.interval', `checks.0.options.${count.name}`, 'duration', 'interval'];
  for (const typed of ['0.01', '1e9', 'abc', '-5', '1,5', '0x10', 'Infinity', '--1'])
    expect([typed, Object.keys(read(typed).errors).sort()]).toEqual([
      typed,
      typed === '0.01' || typed === '1e9' ? expect.arrayContaining(paths.filter((path) => path !== 'duration')) : paths,
    ]);
  expect(read('0.01').errors.interval).toBe('0.01 is too low: at least 0.1 s');
  expect(read('1e9').errors.interval).toBe('1e9 is too high: at most 604,800 s');
  expect(read(' 2 ')).toMatchObject({
    errors: {},
    input: {
      interval: 2,
      duration: 7200,
      agents: { count: 2 },
      checks: [{ interval: 2, options: { [String(count.name)]: 2 } }],
    },
  });
  const empty = read('');
  expect(Object.keys(empty.errors).sort()).toEqual(['agents', 'duration']);
  expect(empty.input).not.toHaveProperty('interval');
  expect(empty.input.checks[0]).toMatchObject({ interval: null, options: {} });
});

it('only changed options are sent', () => {
  const field = hostProbe.options.find(({ kind }) => kind === 'integer');
  if (field === undefined) throw new Error(`${hostProbe.id} has no integer option to set`);
  const { input } = readDraft(
    draftWith({}, { options: { [field.name]: 2, [String(hostProbe.options.at(-1)?.name)]: '' } }),
    probes,
  );
  expect(input.checks[0]?.options).toEqual({ [field.name]: 2 });
});

it('an expectation is parsed by the kind of its metric', () => {
  const metric = String(numberMetric?.id);
  const good = draftWith({}, { expectations: [{ key: 'a', metric, op: '<=', value: '12.5' }] });
  expect(readDraft(good, probes).input.checks[0]?.expectations).toEqual([{ metric, op: '<=', value: 12.5 }]);
  const bad = draftWith({}, { expectations: [{ key: 'a', metric, op: '<=', value: 'soon' }] });
  expect(readDraft(bad, probes).errors).toEqual({ 'checks.0.expectations.0': '“soon” is not a number' });
});

it('agents are chosen in three ways', () => {
  const selection = (part: Partial<TestDraft>) => readDraft(draftWith(part), probes);
  expect(selection({ by: 'chosen', agents: [4] }).input.agents).toEqual({ by: 'chosen', agents: [4] });
  expect(selection({ by: 'labels', labels: 'site=lyon tier="far edge"' }).input.agents).toEqual({
    by: 'labels',
    labels: { site: 'lyon', tier: 'far edge' },
  });
  expect(selection({ by: 'any', count: '3' }).input.agents).toEqual({ by: 'any', count: 3 });
  for (const wrong of [
    { by: 'chosen', agents: [] },
    { by: 'labels', labels: 'lyon' },
    { by: 'any', count: '' },
  ] as const)
    expect(selection(wrong).errors.agents).toBeDefined();
});

describe('targets', () => {
  it('targets are one per line, with labels', () => {
    const { targets, problems } = readTargetLines('192.0.2.1 site=lyon\n\n  example.net  ', [hostProbe]);
    expect(problems).toEqual([]);
    expect(targets).toEqual([
      { address: '192.0.2.1', labels: { site: 'lyon' } },
      { address: 'example.net', labels: {} },
    ]);
  });

  it.each(['-oProxyCommand=x', 'http://[::1', 'a'.repeat(300), '192.0.2.1 nolabel'])(
    '%s is refused by its line',
    (text) => {
      expect(readTargetLines(`127.0.0.1\n${text}`, [hostProbe]).problems).toEqual([
        expect.stringContaining('Line 2: '),
      ]);
    },
  );

  it('a target may be listed only once', () => {
    expect(readTargetLines('a.example\na.example', [hostProbe]).problems).toEqual([expect.stringContaining('twice')]);
    const two = 'a.example\nA.example.';
    expect(readTargetLines(two, [hostProbe]).problems).toEqual([
      'Line 2: A.example. is the same target as a.example: leave one out',
    ]);
    expect(readTargetLines(two, [hostProbe], new Set(two.split('\n'))).problems).toEqual([]);
  });
});

const stored: Test = {
  id: 9,
  name: 'Gateways',
  description: 'All of them',
  state: 'running',
  targets: [{ id: 1, address: '127.0.0.1', labels: { site: 'lyon' } }],
  checks: [
    {
      id: 3,
      probe: first.id,
      options: Object.fromEntries(first.options.map((field) => [field.name, field.default as string])),
      expectations: [{ metric: String(numberMetric?.id), op: '<', value: 5 }],
      interval: 4,
    },
  ],
  agents: { by: 'chosen', agents: [2, 3] },
  interval: 1.5,
  duration: 7200,
  startAt: '2020-01-01T00:00:00.000Z',
  endAt: null,
  endedAt: null,
  createdAt: '2020-01-01T00:00:00.000Z',
  assigned: [],
  warnings: [],
  progressPct: null,
  verdicts: { up: 0, degraded: 0, down: 0, unknown: 0 },
  waiting: 0,
  resultCount: 0,
};

it('a stored test becomes the same body again', () => {
  const { input, errors } = readDraft(draftOf(stored, probes), probes);
  expect(errors).toEqual({});
  expect(testInputSchema.parse(input)).toEqual({
    name: stored.name,
    description: stored.description,
    targets: [{ address: '127.0.0.1', labels: { site: 'lyon' } }],
    checks: [{ probe: first.id, options: {}, expectations: stored.checks[0]?.expectations, interval: 4 }],
    agents: stored.agents,
    interval: 1.5,
    duration: 7200,
  });
});

describe('when a stored test starts', () => {
  const LATER = '2990-01-01T10:20:30.000Z';
  const PAST = '2020-01-01T00:00';
  const reading = (state: Test['state'], startAt?: string) => {
    const draft = draftOf({ ...stored, state, startAt: state === 'scheduled' ? LATER : stored.startAt }, probes);
    return readDraft(startAt === undefined ? draft : { ...draft, startAt }, probes);
  };

  it.each(TEST_STATES)('%s: an unchanged start stays the same, to the second', (state) => {
    expect(reading(state).input).not.toHaveProperty('startAt');
  });

  it('clearing the start of a scheduled test starts it at once', () => {
    expect(reading('scheduled', '')).toMatchObject({ input: { startAt: null }, errors: {} });
  });

  it.each(['running', 'stopped', 'completed'] as const)('%s: an empty start never starts it', (state) => {
    expect(reading(state, '').input).not.toHaveProperty('startAt');
  });

  it.each(TEST_STATES)('%s: a later start moves it', (state) => {
    expect(reading(state, '2991-02-03T04:05').input.startAt).toBe(new Date('2991-02-03T04:05').toISOString());
  });

  it.each(TEST_STATES)('%s: a start in the past is refused', (state) => {
    expect(reading(state, PAST).errors.startAt).toMatch(/^This time has passed/);
  });
});

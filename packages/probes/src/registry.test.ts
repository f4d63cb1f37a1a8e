import { describe, expect, it } from 'vitest';
import type { ProbeDescriptor } from './contract/descriptor.ts';
import { optionFields } from './contract/option-field.ts';
import { catalog } from './registry.ts';

const probes: readonly ProbeDescriptor[] = Object.values(catalog);

/** Labels and descriptions stand in lists, forms and help: they begin like a sentence and end without a full stop. */
const STYLE = /^[^a-z\s].*[^.\s]$/s;

describe.each(probes.map((probe) => [probe.id, probe] as const))('the probe %s', (_id, probe) => {
  const { label, summary, options, metrics, instance, cost } = probe;

  it('is described in one style', () => {
    const fields = optionFields(options).flatMap((field) => [field.label, field.description]);
    const figures = [...metrics, ...(instance?.metrics ?? [])].flatMap((one) => [one.label, one.description]);
    for (const text of [label, summary, ...fields, ...figures]) expect(text).toMatch(STYLE);
  });

  it('says of each time and rate whose clock reads it', () => {
    const figures = [...metrics, ...(instance?.metrics ?? []), ...probe.samples];
    const times = figures.filter(({ unit }) => unit === 'ms' || unit === 'bps');
    expect(times.filter(({ timed }) => timed === undefined).map(({ id }) => id)).toEqual([]);
  });

  it('declares a cost whose parts are consistent', () => {
    const { packets, bytes, seconds, leastSeconds, resolvingSeconds } = cost(options.parse({}));
    expect(packets).toBeGreaterThan(0);
    expect(bytes).toBeGreaterThan(0);
    expect(leastSeconds).toBeGreaterThanOrEqual(0);
    expect(resolvingSeconds).toBeGreaterThanOrEqual(0);
    expect(seconds).toBeGreaterThan(leastSeconds + resolvingSeconds);
  });
});

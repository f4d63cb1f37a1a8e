import { catalog } from '@netsonde/probes/catalog';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_CHECK_KIB, readCheck } from './check-fault.ts';

const options = JSON.stringify(catalog.http?.options.parse({}));

test('an unchanged check has no fault', () => {
  expect(readCheck(catalog, 'http', options, '[]')).toEqual({
    options: JSON.parse(options),
    expectations: [],
    fault: null,
  });
});

test('an option added by a later version takes its default', () => {
  const { timeoutSeconds, ...before } = JSON.parse(options) as Record<string, unknown>;
  expect(readCheck(catalog, 'http', JSON.stringify(before), '[]')).toMatchObject({
    options: { timeoutSeconds },
    fault: null,
  });
});

test.each([
  ['a probe that is gone', 'semaphore', options, '[]', 'no probe semaphore'],
  ['a name that every object has', 'constructor', options, '[]', 'no probe constructor'],
  ['an option that is gone', 'http', '{"colour":"red"}', '[]', 'edit the test'],
  ['an option out of range', 'http', '{"timeoutSeconds":-1}', '[]', 'option timeoutSeconds'],
  ['options that are no object', 'http', '[1]', '[]', 'stored options cannot be read'],
  ['options that are no JSON', 'http', '{"a":', '[]', 'stored options cannot be read'],
  ['expectations that are none', 'http', options, '[{"op":"~"}]', 'stored expectations cannot be read'],
  ['an expectation of a metric that is gone', 'http', options, '[{"metric":"beauty","op":"<","value":1}]', 'beauty'],
  [
    'options too large for a frame',
    'http',
    JSON.stringify({ method: 'POST', body: 'x'.repeat(MAX_CHECK_KIB * 1024) }),
    '[]',
    'larger than the 40 KiB',
  ],
])('%s is reported', (_what, probe, optionsText, expectationsText, fault) => {
  expect(readCheck(catalog, probe, optionsText, expectationsText).fault).toContain(fault);
});

test('a stored check can be read whatever text it holds', () => {
  const text = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(fc.constantFrom('http', 'icmp', 'nothing', '__proto__'), text, text, (probe, one, other) => {
      const { fault } = readCheck(catalog, probe, one, other);
      expect(fault === null || fault.length > 0).toBe(true);
    }),
  );
});

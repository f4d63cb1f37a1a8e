import { type Catalog, catalog } from '@netsonde/probes/catalog';
import { catalogInfo } from '@netsonde/protocol/api';
import { expect, test } from 'vitest';
import { emptyCheck } from './draft.ts';
import { fieldLabel } from './field-labels.ts';

const probes = catalogInfo(catalog as Catalog);
const checks = probes.map(({ id }) => emptyCheck(id));
const labelOf = (path: string) => fieldLabel(path, { checks }, probes);

test('each option of each probe has the label of its field', () => {
  probes.forEach(({ options }, place) => {
    for (const { name, label } of options)
      expect(labelOf(`checks.${place}.options.${name}`)).toBe(`Check ${place + 1}, ${label}`);
  });
});

test.each([
  ['name', 'Name'],
  ['interval', 'Interval'],
  ['startAt', 'Starts'],
  ['agents.count', 'How many agents'],
  ['checks.0.interval', 'Check 1, Own interval'],
  ['checks.0.expectations.1.value', 'Check 1, expectation 2'],
  ['checks.0.options.newerOption', 'Check 1, Newer option'],
  ['checks.0', 'Check 1'],
  ['someNewer_field', 'Some newer field'],
])('%s is called %s', (path, label) => {
  expect(labelOf(path)).toBe(label);
});

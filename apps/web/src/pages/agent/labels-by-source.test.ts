import { expect, it } from 'vitest';
import { labelsBySource } from './labels-by-source.ts';

it('a label that an administrator gave and the agent declares is listed once', () => {
  expect(labelsBySource({ labels: { host: 'local' }, ownLabels: { host: 'local' } })).toEqual({
    given: {},
    both: { host: 'local' },
    declared: {},
  });
});

it('a label that the agent declares with another value is listed as its own', () => {
  expect(
    labelsBySource({ labels: { site: 'berlin', tier: 'edge' }, ownLabels: { site: 'paris', os: 'linux' } }),
  ).toEqual({
    given: { site: 'berlin', tier: 'edge' },
    both: {},
    declared: { site: 'paris', os: 'linux' },
  });
});

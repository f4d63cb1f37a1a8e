import { describe } from 'vitest';
import { chartConformance } from './conformance/charts.test-suite.ts';
import { intakeConformance } from './conformance/intake.test-suite.ts';
import { ledgerConformance } from './conformance/ledger.test-suite.ts';
import { queryConformance } from './conformance/queries.test-suite.ts';
import { retentionConformance } from './conformance/retention.test-suite.ts';
import { rollupConformance } from './conformance/rollups.test-suite.ts';
import { seriesConformance } from './conformance/series.test-suite.ts';
import { type OpenStore, suiteOf } from './conformance/suite.test-suite.ts';

/** Requirements of every result store. Run it from a test file of each engine. */
export function resultStoreConformance(name: string, open: OpenStore): void {
  describe(`${name} as a result store`, () => {
    const suite = suiteOf(open);
    describe('intake', () => intakeConformance(suite));
    describe('queries', () => queryConformance(suite));
    describe('series', () => seriesConformance(suite));
    describe('charts', () => chartConformance(suite));
    describe('rollups', () => rollupConformance(suite));
    describe('ledger', () => ledgerConformance(suite));
    describe('retention', () => retentionConformance(suite));
  });
}

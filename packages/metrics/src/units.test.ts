import { describe, expect, it } from 'vitest';
import { idSaysUnit, labelOf, suffixOf, symbolOf, UNITS } from './units.ts';

describe('units', () => {
  it('each have a snake_case suffix of their own, a symbol and a label', () => {
    expect(new Set(UNITS.map(suffixOf)).size).toBe(UNITS.length);
    for (const unit of UNITS) {
      expect(suffixOf(unit)).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(symbolOf(unit)).not.toBe('');
      expect(labelOf(unit)).not.toBe('');
    }
  });

  it.each([
    ['rtt_avg_ms', 'ms', true],
    ['policer_rate_estimate_bps', 'bps', true],
    ['certificate_days_left', 'days', true],
    ['days_left', 'days', true],
    ['rpm', 'rpm', true],
    ['rtt_avg', 'ms', false],
    ['atoms', 'ms', false],
    ['rtt_ms_avg', 'ms', false],
  ] as const)('%s says %s: %s', (id, unit, says) => {
    expect(idSaysUnit(id, unit)).toBe(says);
  });
});

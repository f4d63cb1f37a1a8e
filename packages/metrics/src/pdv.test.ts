import { describe, expect, it } from 'vitest';
import { packetDelayVariation, pdvPercentile } from './pdv.ts';

describe('packet delay variation', () => {
  it('PDV is the delay above the smallest, with lost packets left out', () => {
    expect([...packetDelayVariation([12, null, 10, 17])]).toEqual([2, 0, 7]);
  });

  it('PDV does not depend on the offset between the clocks', () => {
    expect([...packetDelayVariation([-988, -990, -983])]).toEqual([2, 0, 7]);
  });

  it('PDV has percentiles by nearest rank', () => {
    // Variations 0 2 7: rank ceil(0.5 * 3) = 2, ceil(0.95 * 3) = 3.
    expect(pdvPercentile([12, null, 10, 17], 50)).toBe(2);
    expect(pdvPercentile([12, null, 10, 17], 95)).toBe(7);
  });

  it('PDV is absent when nothing was received', () => {
    expect(packetDelayVariation([]).length).toBe(0);
    expect(pdvPercentile([null], 95)).toBeUndefined();
  });
});

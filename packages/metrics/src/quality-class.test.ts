import { describe, expect, it } from 'vitest';
import { DEFAULT_QUALITY_THRESHOLDS, qualityClassOf, qualityThresholdsProblem } from './quality-class.ts';

describe('qualityClassOf', () => {
  it.each([
    [0, 'excellent'],
    [50, 'excellent'],
    [50.001, 'good'],
    [100, 'good'],
    [150, 'fair'],
    [300, 'poor'],
    [300.1, 'critical'],
    [500, 'critical'],
    [9000, 'critical'],
  ])('%f ms is %s', (ms, expected) => {
    expect(qualityClassOf(ms)).toBe(expected);
  });

  it('an absent delay has no quality class', () => {
    expect(qualityClassOf(undefined)).toBeUndefined();
    expect(qualityClassOf(Number.NaN)).toBeUndefined();
  });

  it('quality classes follow thresholds that users set', () => {
    expect(qualityClassOf(7, { excellent: 1, good: 5, fair: 10, poor: 20, critical: 40 })).toBe('fair');
  });
});

describe('qualityThresholdsProblem', () => {
  it('the default thresholds are accepted, and wrong ones are named', () => {
    expect(qualityThresholdsProblem(DEFAULT_QUALITY_THRESHOLDS)).toBeUndefined();
    expect(qualityThresholdsProblem({ ...DEFAULT_QUALITY_THRESHOLDS, fair: 100 })).toMatch(/^fair/);
    expect(qualityThresholdsProblem({ ...DEFAULT_QUALITY_THRESHOLDS, excellent: -1 })).toMatch(/^excellent/);
    expect(qualityThresholdsProblem({ ...DEFAULT_QUALITY_THRESHOLDS, critical: Number.NaN })).toMatch(/^critical/);
  });
});

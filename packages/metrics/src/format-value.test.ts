import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatParts, formatValue } from './format-value.ts';
import { UNITS, type Unit } from './units.ts';

describe('formatValue', () => {
  it.each<[number, Unit | undefined, string]>([
    [0, 'ms', '0 ms'],
    [0.0432, 'ms', '43.2 µs'],
    [0.0000051, 'ms', '5.10 ns'],
    [0.9997, 'ms', '1.00 ms'],
    [5, 'ms', '5.00 ms'],
    [12.34, 'ms', '12.3 ms'],
    [-12.34, 'ms', '-12.3 ms'],
    [123.4, 'ms', '123 ms'],
    [999.4, 'ms', '999 ms'],
    [999.6, 'ms', '1.00 s'],
    [1500, 'ms', '1.50 s'],
    [119_000, 'ms', '119 s'],
    [120_000, 'ms', '2 min 0 s'],
    [0.5, 's', '500 ms'],
    [125, 's', '2 min 5 s'],
    [12_000, 's', '3 h 20 min'],
    [7199, 's', '2 h 0 min'],
    [200_000, 's', '2 d 8 h'],
    [0, 'pct', '0 %'],
    [0.001, 'pct', '<0.01 %'],
    [0.1, 'pct', '0.10 %'],
    [33.333, 'pct', '33.3 %'],
    [99.95, 'pct', '99.95 %'],
    [99.9999, 'pct', '>99.99 %'],
    [100, 'pct', '100 %'],
    [150, 'pct', '150.0 %'],
    [0, 'bps', '0 bit/s'],
    [999, 'bps', '999 bit/s'],
    [94_123_456, 'bps', '94.1 Mbit/s'],
    [2.5e9, 'bps', '2.50 Gbit/s'],
    [512, 'bytes', '512 B'],
    [1023, 'bytes', '1,023 B'],
    [1536, 'bytes', '1.50 KiB'],
    [3 * 1024 ** 3, 'bytes', '3.00 GiB'],
    [2048, 'bytes_per_s', '2.00 KiB/s'],
    [12.345, 'per_s', '12.3/s'],
    [0.25, 'w', '250 mW'],
    [12.34, 'w', '12.3 W'],
    [3_600_000, 'j', '3.60 MJ'],
    [41.26, 'celsius', '41.3 °C'],
    [2_400_000_000, 'hz', '2.40 GHz'],
    [1200, 'rpm', '1,200 rpm'],
    [-67, 'dbm', '-67 dBm'],
    [1, 'days', '1 day'],
    [89, 'days', '89 days'],
    [12_345, undefined, '12,345'],
    [4.4093, undefined, '4.41'],
    [-0.04, 'celsius', '0.0 °C'],
  ])('%f %s is %s', (value, unit, text) => {
    expect(formatValue(value, unit)).toBe(text);
  });

  it('number and symbol are returned apart', () => {
    expect(formatParts(0.0432, 'ms')).toEqual({ digits: '43.2', symbol: 'µs' });
  });

  it('a value that is not finite is refused', () => {
    expect(() => formatValue(Number.NaN, 'ms')).toThrow(/finite/);
    expect(() => formatValue(Number.POSITIVE_INFINITY)).toThrow(/finite/);
  });

  it('the text stays short, and a value above none is never shown as none', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-5, max: 1e12, noNaN: true }), fc.constantFrom(...UNITS), (value, unit) => {
        const { digits } = formatParts(value, unit);
        if (unit !== 'celsius' && unit !== 'dbm') expect(digits).not.toMatch(/^[0.,]+$/);
        expect(digits).not.toMatch(/NaN|undefined/);
      }),
    );
  });
});

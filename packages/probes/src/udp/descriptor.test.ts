import { idSaysUnit } from '@netsonde/metrics';
import { describe, expect, test } from 'vitest';
import { optionFields } from '../contract/option-field.ts';
import { udp } from './descriptor.ts';

describe('the udp descriptor', () => {
  test('declares the metrics of the catalogue, each id ending in its unit', () => {
    expect(udp.metrics.map(({ id }) => id)).toEqual([
      'sent',
      'received',
      'duplicates',
      'late',
      'reordered',
      'truncated',
      'corrupted',
      'loss_pct',
      'rtt_min_ms',
      'rtt_avg_ms',
      'rtt_median_ms',
      'rtt_p95_ms',
      'rtt_max_ms',
      'rtt_stddev_ms',
      'port_open',
    ]);
    for (const { id, unit } of udp.metrics) if (unit !== null) expect(idSaysUnit(id, unit), id).toBe(true);
  });

  test('declares the flag and kind of each option', () => {
    const flags = optionFields(udp.options).map(({ flag, kind, unit }) => [flag, kind, unit]);
    expect(flags).toEqual([
      ['count', 'integer', undefined],
      ['interval', 'number', 's'],
      ['timeout', 'number', 's'],
      ['size', 'integer', 'bytes'],
      ['family', 'choice', undefined],
      ['dscp', 'integer', undefined],
    ]);
  });

  test('refuses sizes without room for its header and counts without end', () => {
    for (const wrong of [
      { sizeBytes: 11 },
      { sizeBytes: 65508 },
      { count: 0 },
      { count: 1001 },
      { intervalSeconds: 0 },
    ])
      expect(udp.options.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });

  test('states what a run costs at most', () => {
    const cost = udp.cost(udp.options.parse({ count: 10, intervalSeconds: 1, timeoutSeconds: 3, sizeBytes: 100 }));
    expect(cost.packets).toBe(10);
    expect(cost.bytes).toBe(2 * 10 * 148);
    expect(cost.seconds).toBeGreaterThanOrEqual(9 + 3);
  });
});

import { idSaysUnit } from '@netsonde/metrics';
import { describe, expect, test } from 'vitest';
import { optionFields } from '../contract/option-field.ts';
import { parseTarget } from '../contract/parse-target.ts';
import { tcp } from './descriptor.ts';

describe('the tcp descriptor', () => {
  test('declares the metrics of the catalogue, each id ending in its unit', () => {
    expect(tcp.metrics.map(({ id }) => id)).toEqual([
      'connect_time_ms',
      'echo_rtt_ms',
      'payload_verified',
      'syn_retransmits',
      'mss_bytes',
      'path_mtu_bytes',
      'window_scale_send',
      'window_scale_receive',
      'cwnd_bytes',
      'ssthresh_bytes',
      'srtt_ms',
      'rttvar_ms',
      'ecn_negotiated',
      'sack',
      'timestamps',
      'congestion_algorithm',
    ]);
    for (const { id, unit } of tcp.metrics) if (unit !== null) expect(idSaysUnit(id, unit), id).toBe(true);
  });

  test('declares the flag and kind of each option', () => {
    const flags = optionFields(tcp.options).map(({ flag, kind }) => [flag, kind]);
    expect(flags).toEqual([
      ['timeout', 'number'],
      ['family', 'choice'],
      ['echo', 'choice'],
      ['send', 'text'],
      ['sentences', 'integer'],
      ['dscp', 'integer'],
    ]);
  });

  test('has defaults for all options and refuses unknown and impossible ones', () => {
    expect(tcp.options.parse({})).toMatchObject({ timeoutSeconds: 5, family: 'any', echo: 'none', dscp: 0 });
    for (const wrong of [{ dscp: 64 }, { timeoutSeconds: 0 }, { echo: 'yes' }, { send: '' }, { nonsense: 1 }])
      expect(tcp.options.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });

  test('accepts host:port and the host and port of a URL', () => {
    expect(parseTarget(tcp.target, '[::1]:7')).toMatchObject({ host: '::1', port: 7 });
    expect(parseTarget(tcp.target, 'https://example.net/a')).toMatchObject({ host: 'example.net', port: 443 });
    expect(() => parseTarget(tcp.target, 'example.net')).toThrow(/no port/);
  });

  test('allows for the connection and the echo in its deadline', () => {
    const plain = tcp.cost(tcp.options.parse({ timeoutSeconds: 2 }));
    const echo = tcp.cost(tcp.options.parse({ timeoutSeconds: 2, echo: 'text', send: 'x'.repeat(4096) }));
    expect(plain.seconds).toBeGreaterThan(2);
    expect(echo.seconds).toBe(plain.seconds + 2);
    expect(echo.bytes).toBeGreaterThan(plain.bytes + 2 * 4096);
  });
});

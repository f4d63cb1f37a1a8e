import { idSaysUnit } from '@netsonde/metrics';
import { describe, expect, test } from 'vitest';
import { optionFields } from '../contract/option-field.ts';
import { parseTarget } from '../contract/parse-target.ts';
import { tls } from './descriptor.ts';

describe('the tls descriptor', () => {
  test('declares the metrics of the catalogue, each id ending in its unit', () => {
    expect(tls.metrics.map(({ id }) => id)).toEqual([
      'connect_time_ms',
      'handshake_time_ms',
      'validation_time_ms',
      'days_left',
      'chain_days_left',
      'chain_valid',
      'name_matches',
      'ocsp_stapled',
      'protocol',
      'cipher',
      'key_type',
    ]);
    for (const { id, unit } of tls.metrics) if (unit !== null) expect(idSaysUnit(id, unit), id).toBe(true);
  });

  test('declares the flag and kind of each option', () => {
    expect(optionFields(tls.options).map(({ flag, kind }) => [flag, kind])).toEqual([
      ['timeout', 'number'],
      ['family', 'choice'],
      ['servername', 'text'],
      ['min-days-left', 'number'],
      ['alpn', 'list'],
      ['ca', 'text'],
    ]);
  });

  test('has defaults for all options and refuses unknown and impossible ones', () => {
    expect(tls.options.parse({})).toMatchObject({ servername: '', minDaysLeft: 7, alpn: [], ca: '' });
    for (const wrong of [
      { servername: 'a b' },
      { servername: '-oProxyCommand=x' },
      { alpn: ['h 2'] },
      { ca: '/etc/passwd' },
      { x: 1 },
    ])
      expect(tls.options.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
  });

  test('accepts a host alone, with a port, and in a URL', () => {
    expect(parseTarget(tls.target, 'example.net')).toMatchObject({ host: 'example.net', port: 443 });
    expect(parseTarget(tls.target, '[::1]:8443')).toMatchObject({ host: '::1', port: 8443 });
    expect(parseTarget(tls.target, 'https://example.net/a')).toMatchObject({ host: 'example.net', port: 443 });
  });
});

import { describe, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { tls } from './descriptor.ts';
import type { CertificateFacts, Secured, TlsObservation } from './observation.ts';
import { summarize } from './summarize.ts';

const TARGET = { text: 'x.test', host: 'x.test', port: 443 };
const DAY_MS = 86_400_000;
const NOW_MS = 1_700_000_000_000;

const certificate = (untilDays: number): CertificateFacts => ({
  subject: 'CN=x.test',
  issuer: 'CN=i',
  serial: '01',
  fingerprint256: 'AA',
  names: ['x.test'],
  namesLeftOut: 0,
  notBeforeMs: NOW_MS - DAY_MS,
  notAfterMs: NOW_MS + untilDays * DAY_MS,
  key: 'RSA 2048',
});

const secured = (more: Partial<Secured> = {}): Secured => ({
  kind: 'secured',
  address: '192.0.2.1',
  connectMs: 1,
  connectBy: 'kernel',
  connectDuring: [],
  startedMs: 0,
  handshakeMs: 2,
  handshakeDuring: [],
  wantsClientCertificate: false,
  validationMs: 0.5,
  validationDuring: { fromMs: 0, toMs: 0.5 },
  path: [certificate(30.5), certificate(20.25), certificate(3000)],
  sent: 2,
  chainFault: null,
  timedFault: null,
  name: 'x.test',
  nameMatches: true,
  stapled: false,
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_128_GCM_SHA256',
  alpn: null,
  wallMs: NOW_MS,
  ...more,
});

function outcomeOf(observations: TlsObservation[], options: Record<string, unknown> = {}) {
  const outcome = summarize(observations, TARGET, tls.options.parse(options));
  expect(faultsOf(tls, outcome)).toEqual([]);
  return outcome;
}

describe('the outcome of a tls run', () => {
  test('without any observation is unknown', () => {
    const { verdict, finding, metrics } = outcomeOf([]);
    expect([verdict, finding?.cause, metrics]).toEqual(['unknown', 'cancelled', {}]);
  });

  test('counts the days of the leaf and of the first to end', () => {
    const { verdict, metrics } = outcomeOf([secured()]);
    expect([verdict, metrics.days_left, metrics.chain_days_left]).toEqual(['up', 30.5, 20.25]);
  });

  test('names the worst of several faults', () => {
    const both = secured({ chainFault: 'CERT_HAS_EXPIRED', nameMatches: false, path: [certificate(-1)] });
    expect(outcomeOf([both]).finding?.cause).toBe('certificate_expired');
    expect(outcomeOf([secured({ nameMatches: false })], { minDaysLeft: 90 }).finding?.cause).toBe('name_mismatch');
    expect(outcomeOf([secured({ chainFault: 'INVALID_PURPOSE' })]).finding?.cause).toBe('certificate_untrusted');
  });

  test('shows when the timed check found less than OpenSSL', () => {
    expect(outcomeOf([secured({ chainFault: 'PERMITTED_VIOLATION' })]).detail.timed_check).toBe('valid');
  });

  test('of addresses that all failed blames the one whose host answered', () => {
    const failed = (code: string) =>
      ({
        kind: 'attempt_failed',
        address: '2001:db8::1',
        code,
        reporter: 'network',
        startedMs: 0,
        afterMs: 3,
      }) as const;
    const { verdict, finding, detail } = outcomeOf([failed('ECONNREFUSED'), failed('timeout')]);
    expect([verdict, finding]).toEqual([
      'down',
      { cause: 'refused', side: 'target', operation: 'connect [2001:db8::1]:443' },
    ]);
    expect(detail.failed_attempts).toHaveLength(2);
  });
});

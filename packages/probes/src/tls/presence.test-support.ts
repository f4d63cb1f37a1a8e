import type { TlsConfig } from '@netsonde/lab';
import { firstService, losingTwoSyns, type Stage, TWO_SYNS_AGAIN_MS } from '../presence/stage.test-support.ts';
import { type Expected, endingWith, longerThan, near, type Shown, type Truth } from '../presence/truth.test-support.ts';

const DAY_MS = 86_400_000;
const SLOW_MS = 3500;

async function shown(
  stage: Stage,
  config: Omit<TlsConfig, 'kind'>,
  expects: Record<string, Expected>,
  trusted = true,
): Promise<Shown> {
  const { at, ca, facts } = await stage.serve({ kind: 'tls', ...config });
  const outcome = await stage.run('tls', at, trusted ? { ca } : {});
  const leafDays = (Number(facts.notAfterMs) - Date.now()) / DAY_MS;
  const intermediateDays = (Number(facts.intermediateNotAfterMs) - Date.now()) / DAY_MS;
  const days = {
    days_left: near(leafDays, 0.001),
    chain_days_left: near(Math.min(leafDays, intermediateDays), 0.001),
  };
  return { outcome, expects: trusted ? { ...days, ...expects } : expects };
}

export const tlsTruths: readonly Truth[] = [
  {
    made: 'a server with an EC certificate of 30 days, for its address and with a stapled response, over TLS 1.3',
    show: (stage) =>
      shown(
        stage,
        {
          certificate: { untilDays: 30, keyType: 'ec', staple: 'good' },
          minVersion: 'TLSv1.3',
          ciphers: 'TLS_AES_128_GCM_SHA256',
        },
        {
          connect_time_ms: longerThan(0),
          handshake_time_ms: endingWith(0),
          validation_time_ms: { least: 0.001, most: 5000 },
          chain_valid: true,
          name_matches: true,
          ocsp_stapled: true,
          protocol: 'TLSv1.3',
          cipher: 'TLS_AES_128_GCM_SHA256',
          key_type: 'EC prime256v1',
        },
      ),
  },
  {
    made: 'a server with an RSA certificate of 400 days for another name, over TLS 1.2, that holds the handshake back',
    show: (stage) =>
      shown(
        stage,
        {
          certificate: { untilDays: 400, keyType: 'rsa', names: ['elsewhere.test'] },
          maxVersion: 'TLSv1.2',
          ciphers: 'ECDHE-RSA-AES256-GCM-SHA384',
          handshakeDelayMs: SLOW_MS,
        },
        {
          handshake_time_ms: endingWith(SLOW_MS),
          name_matches: false,
          ocsp_stapled: false,
          protocol: 'TLSv1.2',
          cipher: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
          key_type: 'RSA 2048',
        },
      ),
  },
  {
    made: 'a server whose root this host does not trust',
    show: (stage) => shown(stage, {}, { chain_valid: false }, false),
  },
  {
    made: 'a lab path that loses the first two SYNs',
    async show(stage) {
      const outcome = await stage.runInNewLab(
        () => stage.openLab({ path: losingTwoSyns, services: [{ kind: 'tls' }] }),
        'tls',
        { targetOf: firstService, optionsOf: ({ running }) => ({ ca: running.facts[0]?.rootPem }) },
      );
      return { outcome, expects: { connect_time_ms: longerThan(TWO_SYNS_AGAIN_MS) } };
    },
  },
];

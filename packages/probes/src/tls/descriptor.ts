import { z } from 'zod';
import { caField, familyField, RESOLVE_SECONDS, serverNameField, timeoutField } from '../contract/common-options.ts';
import { declareProbe, type OptionsOf } from '../contract/descriptor.ts';
import { tlsMetrics } from './metrics.ts';

const HANDSHAKE_PACKETS = 20;
const HANDSHAKE_BYTES = 16_384;

const options = z.strictObject({
  timeoutSeconds: timeoutField(10, 'Longest wait for the connection and the handshake together'),
  family: familyField(),
  servername: serverNameField('Name to ask for (SNI) and to look for in the certificate; the target’s host when empty'),
  minDaysLeft: z.number().min(0).max(3650).default(7).meta({
    label: 'Least days left',
    description: 'Degraded when a certificate of the chain ends sooner',
    unit: 'days',
  }),
  alpn: z
    .array(z.string().regex(/^[!-~]{1,32}$/, 'write a protocol’s name such as h2'))
    .max(8)
    .default([])
    .meta({ label: 'ALPN', description: 'Protocols to offer, such as h2 and http/1.1', advanced: true }),
  ca: caField(),
});

/** One TLS handshake, with a separately timed check of the certificate chain. */
export const tls = declareProbe({
  id: 'tls',
  label: 'TLS',
  summary: 'TLS handshake, and how long and for whom the certificate chain is good',
  target: { form: 'host[:port]', defaultPort: 443 },
  options,
  metrics: tlsMetrics,
  samples: [],
  instance: null,
  needs: [],
  cost: ({ timeoutSeconds }) => ({
    packets: HANDSHAKE_PACKETS,
    bytes: HANDSHAKE_BYTES,
    seconds: RESOLVE_SECONDS + timeoutSeconds + 1,
    leastSeconds: 0,
    resolvingSeconds: RESOLVE_SECONDS,
  }),
});

export type TlsOptions = OptionsOf<typeof tls>;

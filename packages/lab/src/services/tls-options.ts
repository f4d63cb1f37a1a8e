import type { TlsOptions } from 'node:tls';
import { type Authority, type Leaf, type LeafOptions, makeAuthority } from '../certificates/authority.ts';
import type { ServiceFacts } from './service.ts';

/** The TLS settings of a service. */
export interface TlsSettings {
  readonly certificate?: LeafOptions;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL cipher list. */
  readonly ciphers?: string;
  /** Delay before it answers the client's first bytes, ms. */
  readonly handshakeDelayMs?: number;
}

let shared: Authority | undefined;

/** The authority of this process's services, made at first use. */
function serviceAuthority(): Authority {
  shared ??= makeAuthority();
  return shared;
}

/** Issues the configured certificate. */
export function presentedLeaf(settings: TlsSettings, names: readonly string[]): Leaf {
  return serviceAuthority().issue({ names, ...settings.certificate });
}

/** Node's options for a server with that certificate. */
export function tlsServerOptions(settings: TlsSettings, leaf: Leaf): TlsOptions {
  return {
    key: leaf.keyPem,
    cert: leaf.chainPem,
    ...(settings.minVersion && { minVersion: settings.minVersion }),
    ...(settings.maxVersion && { maxVersion: settings.maxVersion }),
    ...(settings.ciphers && { ciphers: settings.ciphers }),
  };
}

/** The certificate facts of a TLS service. */
export function tlsFacts(leaf: Leaf): Pick<ServiceFacts, 'rootPem' | 'notAfterMs' | 'intermediateNotAfterMs'> {
  const { rootPem, intermediateNotAfterMs } = serviceAuthority();
  return { rootPem, notAfterMs: leaf.notAfterMs, intermediateNotAfterMs };
}

/** Names that lab certificates are valid for by default. */
export const DEFAULT_NAMES: readonly string[] = Object.freeze([
  'localhost',
  'lab.test',
  '*.lab.test',
  '127.0.0.1',
  '::1',
  '10.202.0.1',
  'fd00:202::1',
  '10.210.0.1',
]);

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** Files in PEM: a certificate with those between it and its authority, and its key. */
export interface PairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Their content. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Why TLS cannot begin with a certificate and a key; null: it can. */
export function faultOfPair({ cert, key }: Pair): string | null {
  try {
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
      return 'the key is not that of the certificate';
    createSecureContext({ cert, key });
    return null;
  } catch (error) {
    return `TLS cannot begin with them (${error instanceof Error ? error.message : error})`;
  }
}

/** When a certificate ends, as it says. */
export const endOf = ({ cert }: Pair): string => new X509Certificate(cert).validTo;

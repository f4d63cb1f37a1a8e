import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/**
 * Whether a certificate is for this name or address. Only its subject alternative names count, the common name never does,
 * and a wildcard stands for one whole label. A zone (`fe80::1%eth0`) is not part of what it can be for. OpenSSL is asked,
 * since Node's own check takes common names, and passes over IPv6 addresses in 22.23 and 24.17 (nodejs/node issue 64144).
 * Source: RFC 9525 sections 4.1 and 6.3
 */
export function isFor(certificate: X509Certificate, nameOrAddress: string): boolean {
  const [address = ''] = nameOrAddress.split('%');
  if (isIP(address) !== 0) return certificate.checkIP(address) !== undefined;
  const name = nameOrAddress.replace(/\.$/, '');
  return certificate.checkHost(name, { subject: 'never', partialWildcards: false }) !== undefined;
}

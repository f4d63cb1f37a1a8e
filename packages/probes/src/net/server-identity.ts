import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/**
 * Whether a certificate is for this name or address. Only its subject alternative names count, never the common name,
 * and a wildcard matches one whole label. The zone of an address (`fe80::1%eth0`) is ignored. OpenSSL does the check,
 * since Node's own accepts common names, and ignores IPv6 addresses in 22.23 and 24.17 (nodejs/node issue 64144).
 * Source: RFC 9525 sections 1.3 (no common name) and 6.3 (wildcards)
 */
export function isFor(certificate: X509Certificate, nameOrAddress: string): boolean {
  const [address = ''] = nameOrAddress.split('%');
  if (isIP(address) !== 0) return certificate.checkIP(address) !== undefined;
  const name = nameOrAddress.replace(/\.$/, '');
  return certificate.checkHost(name, { subject: 'never', partialWildcards: false }) !== undefined;
}

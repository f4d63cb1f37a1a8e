import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';

/**
 * Whether a certificate is for this name or address; a zone (`fe80::1%eth0`) is not part of what it can be for. For
 * addresses OpenSSL is asked: Node's own check passes over IPv6 addresses in 22.23 and 24.17 (nodejs/node issue 64144).
 */
export function isFor(certificate: X509Certificate, nameOrAddress: string): boolean {
  const [address = ''] = nameOrAddress.split('%');
  if (isIP(address) !== 0) return certificate.checkIP(address) !== undefined;
  return checkServerIdentity(nameOrAddress, certificate.toLegacyObject()) === undefined;
}

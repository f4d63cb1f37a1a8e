import { createHash, sign } from 'node:crypto';
import { distinguishedName, enumerated, type Identity, keyHash, signatureAlgorithm } from './certificate.ts';
import { bits, explicit, generalizedTime, implicit, integer, nothing, objectId, octets, sequence } from './der.ts';

export type OcspStatus = 'good' | 'revoked';

/** A signed OCSP response about one certificate, by its issuer, current for a day. Source: RFC 6960 section 4.2.1 */
export function ocspResponse(issuer: Identity, serial: Buffer, status: OcspStatus, nowMs: number): Buffer {
  const certId = sequence(
    sequence(objectId('1.3.14.3.2.26'), nothing()),
    octets(createHash('sha1').update(distinguishedName(issuer.commonName)).digest()),
    octets(keyHash(issuer.publicKey)),
    integer(serial),
  );
  const state = status === 'good' ? implicit(0, Buffer.alloc(0)) : explicit(1, generalizedTime(nowMs - 3_600_000));
  const single = sequence(
    certId,
    state,
    generalizedTime(nowMs - 60_000),
    explicit(0, generalizedTime(nowMs + 86_400_000)),
  );
  const data = sequence(explicit(2, octets(keyHash(issuer.publicKey))), generalizedTime(nowMs), sequence(single));
  const basic = sequence(data, signatureAlgorithm(issuer.privateKey), bits(sign('sha256', data, issuer.privateKey)));
  return sequence(enumerated(0), explicit(0, sequence(objectId('1.3.6.1.5.5.7.48.1.1'), octets(basic))));
}

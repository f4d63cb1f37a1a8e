import type { KeyObject, X509Certificate } from 'node:crypto';
import type { CertificateFacts } from './observation.ts';

const MOST_NAMES = 100;
const MOST_CHARACTERS = 256;

/** What details show of a certificate. */
export function factsOf(certificate: X509Certificate): CertificateFacts {
  const { subject, issuer, serialNumber, fingerprint256, subjectAltName, validFrom, validTo, publicKey } = certificate;
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    serial: serialNumber,
    fingerprint256,
    ...namesOf(subjectAltName),
    notBeforeMs: Date.parse(validFrom),
    notAfterMs: Date.parse(validTo),
    key: keyTypeOf(publicKey),
  };
}

/** A distinguished name has a line for each part. */
const oneLine = (name: string): string => name.replaceAll('\n', ', ').slice(0, MOST_CHARACTERS);

function namesOf(alternatives: string | undefined): Pick<CertificateFacts, 'names' | 'namesLeftOut'> {
  if (alternatives === undefined) return { names: [], namesLeftOut: 0 };
  const all = alternatives.split(', ');
  const names = all
    .slice(0, MOST_NAMES)
    .map((name) => name.replace(/^(DNS|IP Address):/, '').slice(0, MOST_CHARACTERS));
  return { names, namesLeftOut: all.length - names.length };
}

/** "RSA 2048", "EC prime256v1", "ED25519". */
export function keyTypeOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const { modulusLength, namedCurve } = asymmetricKeyDetails ?? {};
  const name = (asymmetricKeyType ?? 'unknown').toUpperCase();
  const size = namedCurve ?? modulusLength;
  return size === undefined ? name : `${name} ${size}`;
}

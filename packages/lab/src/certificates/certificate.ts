import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { addressBytes } from '../network/truth-record.ts';
import {
  bits,
  boolean,
  certificateTime,
  element,
  explicit,
  implicit,
  integer,
  nothing,
  objectId,
  octets,
  sequence,
  set,
  utf8,
} from './der.ts';

export type KeyType = 'ec' | 'rsa';

/** A name with a key: an issuer or a subject. */
export interface Identity {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface CertificateContent {
  readonly subject: Identity;
  readonly issuer: Identity;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly isAuthority: boolean;
  /** DNS names and IP addresses that the certificate is valid for. */
  readonly names: readonly string[];
}

/** A signed certificate. */
export interface Certificate {
  readonly der: Buffer;
  readonly pem: string;
  readonly serial: Buffer;
}

/** A new key pair (P-256 or RSA 2048) under a name. */
export function newIdentity(commonName: string, keyType: KeyType = 'ec'): Identity {
  const pair =
    keyType === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { commonName, ...pair };
}

/** Makes and signs a version 3 certificate. Source: RFC 5280 section 4.1 */
export function makeCertificate(content: CertificateContent): Certificate {
  const serial = randomBytes(16);
  const algorithm = signatureAlgorithm(content.issuer.privateKey);
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    distinguishedName(content.issuer.commonName),
    sequence(certificateTime(content.notBeforeMs), certificateTime(content.notAfterMs)),
    distinguishedName(content.subject.commonName),
    content.subject.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions(content))),
  );
  const signature = sign('sha256', toBeSigned, content.issuer.privateKey);
  const der = sequence(toBeSigned, algorithm, bits(signature));
  return { der, pem: pemOf('CERTIFICATE', der), serial };
}

/** The AlgorithmIdentifier of SHA-256 signatures by this key. */
export function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === 'rsa'
    ? sequence(objectId('1.2.840.113549.1.1.11'), nothing())
    : sequence(objectId('1.2.840.10045.4.3.2'));
}

export function distinguishedName(commonName: string): Buffer {
  return sequence(set(sequence(objectId('2.5.4.3'), utf8(commonName))));
}

/** SHA-1 over the subject public key's bits, as key identifiers and OCSP use it. Source: RFC 5280 section 4.2.1.2 (1) */
export function keyHash(key: KeyObject): Buffer {
  const spki = key.export({ type: 'spki', format: 'der' });
  return createHash('sha1').update(lastBitString(spki)).digest();
}

function lastBitString(spki: Buffer): Buffer {
  const outer = headerLength(spki, 0);
  const algorithm = headerLength(spki, outer);
  const bitsAt = outer + algorithm + contentLength(spki, outer);
  return spki.subarray(bitsAt + headerLength(spki, bitsAt) + 1);
}

function headerLength(der: Buffer, at: number): number {
  const first = der.readUInt8(at + 1);
  return first < 128 ? 2 : 2 + (first & 0x7f);
}

function contentLength(der: Buffer, at: number): number {
  const first = der.readUInt8(at + 1);
  return first < 128 ? first : der.readUIntBE(at + 2, first & 0x7f);
}

function extensions(content: CertificateContent): Buffer[] {
  const usage = content.isAuthority ? bits(Buffer.from([0x06]), 1) : bits(Buffer.from([0xa0]), 5);
  const list = [
    extension('2.5.29.19', true, content.isAuthority ? sequence(boolean(true)) : sequence()),
    extension('2.5.29.15', true, usage),
    extension('2.5.29.14', false, octets(keyHash(content.subject.publicKey))),
    extension('2.5.29.35', false, sequence(implicit(0, keyHash(content.issuer.publicKey)))),
  ];
  if (content.isAuthority) return list;
  const names = content.names.map((name) =>
    isIP(name) > 0 ? implicit(7, addressBytes(name)) : implicit(2, Buffer.from(name)),
  );
  return [
    ...list,
    extension('2.5.29.37', false, sequence(objectId('1.3.6.1.5.5.7.3.1'))),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', false, sequence(...names))]),
  ];
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(value));
}

/** PEM text of a DER object. */
function pemOf(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** An ENUMERATED value, which OCSP needs. */
export const enumerated = (value: number): Buffer => element(0x0a, Buffer.from([value]));

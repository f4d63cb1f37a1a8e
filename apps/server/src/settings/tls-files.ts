import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from './settings.ts';
import type { VariableReader } from './variables.ts';

/** A file, and what was read from it. */
interface Read<Content> {
  readonly file: string;
  readonly pem: string;
  readonly content: Content;
}

/** Reads the certificate and its key and checks that they match. null: neither is set, or a fault is recorded. */
export function readTls(reader: VariableReader): TlsFiles | null {
  const certificate = reader.read('TLS_CERT', null, readCertificate);
  const key = reader.read('TLS_KEY', null, readKey);
  const [hasCertificate, hasKey] = [reader.isSet('TLS_CERT'), reader.isSet('TLS_KEY')];
  if (hasCertificate && !hasKey) reader.fault('TLS_KEY', 'is not set: TLS_CERT needs the file of its key beside it');
  if (hasKey && !hasCertificate)
    reader.fault('TLS_CERT', 'is not set: TLS_KEY needs the file of its certificate beside it');
  if (certificate === null || key === null) return null;
  const fault = faultOfPair(certificate, key);
  if (fault !== null) reader.fault('TLS_KEY', fault);
  return fault === null ? { certFile: certificate.file, keyFile: key.file } : null;
}

function readCertificate(text: string): Read<X509Certificate> {
  const { file, pem } = readPem(text);
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new Error(`it takes a certificate as PEM text${/PRIVATE KEY-----/.test(pem) ? ', and this is a key' : ''}`);
  try {
    return { file, pem, content: new X509Certificate(pem) };
  } catch {
    throw new Error(
      'its certificate is damaged: it takes one as PEM text, followed by those between it and its authority',
    );
  }
}

function readKey(text: string): Read<KeyObject> {
  const { file, pem } = readPem(text);
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
    throw new Error(
      `it takes a private key as PEM text${pem.includes('BEGIN CERTIFICATE') ? ', and this is a certificate' : ''}`,
    );
  try {
    return { file, pem, content: createPrivateKey(pem) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MISSING_PASSPHRASE' || pem.includes('ENCRYPTED'))
      throw new Error('its key is locked by a passphrase: it takes a key without one (openssl pkey -in ... -out ...)');
    throw new Error('its key is damaged: it takes a private key as PEM text');
  }
}

function readPem(text: string): { readonly file: string; readonly pem: string } {
  const file = resolve(text);
  try {
    return { file, pem: readFileSync(file, 'latin1') };
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new Error(`it takes a PEM file that this process can read (${code})`);
  }
}

/** Why the two do not work together. null: they do. */
function faultOfPair(certificate: Read<X509Certificate>, key: Read<KeyObject>): string | null {
  const is = `is ${JSON.stringify(key.file)}`;
  if (!certificate.content.checkPrivateKey(key.content))
    return `${is}: it is not the key of the certificate in TLS_CERT (${certificate.file}): it takes the key that this certificate was made with; the server's own certificate comes first in its file`;
  try {
    createSecureContext({ cert: certificate.pem, key: key.pem });
    return null;
  } catch (error) {
    return `${is}: TLS cannot begin with it and TLS_CERT (${(error as Error).message}): make a new pair`;
  }
}

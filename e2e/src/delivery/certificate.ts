import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate that nobody vouches for, and where it lies. */
export interface Certificate {
  readonly keyFile: string;
  readonly certFile: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** `names`: what it is for, as OpenSSL writes it (`IP:127.0.0.1`); absent: nothing in particular. */
export function makeCertificate(folder: string, name: string, names?: string): Certificate {
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const what = ['-subj', '/CN=netsonde', '-days', '2', '-keyout', keyFile, '-out', certFile];
  const alternatives = names === undefined ? [] : ['-addext', `subjectAltName=${names}`];
  execFileSync('openssl', ['req', ...kind, ...what, ...alternatives], { stdio: 'ignore' });
  return { keyFile, certFile, key: readFileSync(keyFile), cert: readFileSync(certFile) };
}

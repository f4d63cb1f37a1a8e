import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A self-signed certificate, and its path. */
export interface Certificate {
  readonly keyFile: string;
  readonly certFile: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** `names`: the names it is valid for, as OpenSSL writes them (`IP:127.0.0.1`); absent: none in particular. */
export function makeCertificate(folder: string, name: string, names?: string): Certificate {
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const what = ['-subj', '/CN=netsonde', '-days', '2', '-keyout', keyFile, '-out', certFile];
  const alternatives = names === undefined ? [] : ['-addext', `subjectAltName=${names}`];
  execFileSync('openssl', ['req', ...kind, ...what, ...alternatives], { stdio: 'ignore' });
  return { keyFile, certFile, key: readFileSync(keyFile), cert: readFileSync(certFile) };
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key, as PEM files. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export const pairFolder = (): string => mkdtempSync(join(tmpdir(), 'netsonde-pair-'));

/** Creates a self-signed pair for 127.0.0.1. A passphrase encrypts its key. */
export function makePair(folder: string, name: string, passphrase?: string): Pair {
  const pair = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  const kind = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-days',
    '2',
    '-subj',
    '/CN=127.0.0.1',
  ];
  const lock = passphrase === undefined ? ['-nodes'] : ['-passout', `pass:${passphrase}`];
  execFileSync('openssl', ['req', ...kind, ...lock, '-keyout', pair.key, '-out', pair.cert], { stdio: 'ignore' });
  return pair;
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeAuthority } from './authority.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netsonde-ocsp-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function openssl(...args: string[]): string {
  const { error, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (error !== undefined) throw new Error(`This suite needs the openssl command: ${error.message}`);
  return stdout + stderr;
}

test.each(['good', 'revoked'] as const)('openssl accepts a response with status %s', (staple) => {
  const authority = makeAuthority();
  const leaf = authority.issue({ staple });
  writeFileSync(join(folder, 'root.pem'), authority.rootPem);
  writeFileSync(join(folder, 'between.pem'), authority.intermediatePem);
  writeFileSync(join(folder, 'leaf.pem'), leaf.chainPem);
  writeFileSync(join(folder, 'staple.der'), leaf.staple ?? '');
  const said = openssl(
    ...['ocsp', '-respin', 'staple.der', '-issuer', 'between.pem', '-cert', 'leaf.pem', '-CAfile', 'root.pem'],
    ...['-verify_other', 'between.pem'],
  );
  expect(said).toContain('Response verify OK');
  expect(said).toContain(`leaf.pem: ${staple}`);
});

test('openssl verifies the chain, with both key types of the leaf', () => {
  const authority = makeAuthority();
  writeFileSync(join(folder, 'root.pem'), authority.rootPem);
  writeFileSync(join(folder, 'between.pem'), authority.intermediatePem);
  for (const keyType of ['ec', 'rsa'] as const) {
    writeFileSync(join(folder, 'leaf.pem'), authority.issue({ keyType }).chainPem);
    const strict = ['-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'localhost'];
    expect(openssl('verify', ...strict, '-CAfile', 'root.pem', '-untrusted', 'between.pem', 'leaf.pem')).toContain(
      'leaf.pem: OK',
    );
  }
});

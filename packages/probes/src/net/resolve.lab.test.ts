import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAB_ADDRESSES, type Lab, openLab, type Zone } from '@netsonde/lab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInHost } from '../run/run-in-host.test-support.ts';

const zone: Zone = {
  'four.lab.test': { records: [{ type: 'A', ttl: 60, data: '10.201.9.9' }] },
  'six.lab.test': { records: [{ type: 'AAAA', ttl: 60, data: 'fd00:201::9' }] },
  'blocked.lab.test': { records: [{ type: 'A', ttl: 60, data: '0.0.0.0' }] },
  'linklocal.lab.test': { records: [{ type: 'AAAA', ttl: 60, data: 'fe80::9' }] },
  'broken.lab.test': { rcode: 'SERVFAIL' },
};
let lab: Lab;
let folder: string;

beforeAll(async () => {
  lab = await openLab({ services: [{ kind: 'dns', port: 53, zone }] });
  folder = mkdtempSync(join(tmpdir(), 'netsonde-resolve-'));
  writeFileSync(join(folder, 'resolv.conf'), `nameserver ${LAB_ADDRESSES.services4}\noptions timeout:1 attempts:1\n`);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await lab.close();
});

/** A host of the lab whose resolver is the lab's. */
const host = () => ({
  exec: (program: string, args: readonly string[]) =>
    lab.measuring.exec('unshare', [
      '--mount',
      'sh',
      '-c',
      'mount --bind "$0" /etc/resolv.conf && exec "$@"',
      join(folder, 'resolv.conf'),
      program,
      ...args,
    ]),
});

test.each([
  ['four.lab.test', '6', 'down', 'no_address', 'target', /has no IPv6 address/],
  ['six.lab.test', '4', 'down', 'no_address', 'target', /has no IPv4 address/],
  ['none.lab.test', '6', 'down', 'nxdomain', 'target', /knows no address/],
  ['none.lab.test', 'any', 'down', 'nxdomain', 'target', /knows no address/],
  ['blocked.lab.test', 'any', 'down', 'no_address', 'target', /resolves to 0\.0\.0\.0/],
  ['linklocal.lab.test', '6', 'unknown', 'unsupported', 'agent', /cannot tell on which link/],
  ['broken.lab.test', '6', 'unknown', 'resolver_failed', 'resolver', /resolver failed/],
] as const)('%s with the family %s is %s by %s', async (name, family, verdict, cause, side, text) => {
  const { outcome, log } = await runInHost(host(), 'tcp', `${name}:9`, { family });
  expect([outcome.verdict, outcome.finding?.cause, outcome.finding?.side], log.join('\n')).toEqual([
    verdict,
    cause,
    side,
  ]);
  expect(log.join('\n')).toMatch(text);
});

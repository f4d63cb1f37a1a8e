import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPolicy } from './read-policy.ts';
import { targetPolicy } from './target-policy.ts';

const NONE = { allow: [], deny: [], only: [] };

test.each([
  ['127.0.0.1', null],
  ['::1', null],
  ['10.1.2.3', null],
  ['2001:db8::1', null],
  ['169.254.169.254', /metadata/],
  ['169.254.1.1', /link-local/],
  ['fe80::1%eth0', /link-local/],
  ['fd00:ec2::254', /metadata/],
  ['::ffff:169.254.169.254', /metadata/],
  ['::ffff:a9fe:a9fe', /metadata/],
  ['0:0:0:0:0:ffff:169.254.169.254', /metadata/],
  ['100.100.100.200', /metadata/],
  ['64:ff9b::169.254.169.254', /leads to 169\.254\.169\.254, a cloud metadata address/],
  ['64:ff9b:1::169.254.169.254', /metadata/],
  ['2002:a9fe:a9fe::1', /leads to 169\.254\.169\.254, a cloud metadata address/],
  ['2002:a9fe:101::', /link-local/],
  ['2001:0:a9fe:a9fe::', /metadata/],
  ['2001:0:c000:22d:0:63bf:5601:5601', /metadata/],
  ['fe80::5efe:10.0.0.1', /link-local/],
  ['2001:db8::5efe:169.254.169.254', /metadata/],
  ['2002:a00:1::1', null],
  ['not an address', /is no address/],
])('by default %s: %s', (address, refusal) => {
  const said = targetPolicy(NONE).refusal(address);
  if (refusal === null) expect(said).toBeNull();
  else expect(said).toMatch(refusal);
});

test('the owner can allow refused addresses, refuse allowed ones, and limit targets to a list', () => {
  expect(targetPolicy({ ...NONE, allow: ['169.254.0.0/16'] }).refusal('169.254.169.254')).toBeNull();
  expect(targetPolicy({ ...NONE, deny: ['127.0.0.0/8'] }).refusal('127.0.0.1')).toMatch(
    /refused by this agent's owner/,
  );
  expect(targetPolicy({ ...NONE, allow: ['127.0.0.0/8'], deny: ['127.0.0.1'] }).refusal('::ffff:127.0.0.1')).toMatch(
    /deny/,
  );
  const only = targetPolicy({ ...NONE, only: ['10.0.0.0/8', '2001:db8::/32'] });
  expect(only.refusal('10.255.0.1')).toBeNull();
  expect(only.refusal('2001:db8:1::1')).toBeNull();
  expect(only.refusal('11.0.0.1')).toMatch(/only/);
});

test('the rules of the owner apply to IPv4 addresses inside IPv6 ones, for allow and for deny', () => {
  const deny = targetPolicy({ ...NONE, deny: ['10.0.0.0/8'] });
  for (const address of ['64:ff9b::10.1.1.1', '2002:a01:101::1', '::ffff:10.1.1.1', '2001:0:a01:101::'])
    expect(deny.refusal(address)).toMatch(/policy: deny/);
  expect(targetPolicy({ ...NONE, deny: ['64:ff9b::/96'] }).refusal('64:ff9b::10.1.1.1')).toMatch(/policy: deny/);
  const only = targetPolicy({ ...NONE, only: ['10.0.0.0/8'] });
  expect(only.refusal('64:ff9b::10.1.1.1')).toBeNull();
  expect(only.refusal('2002:a01:101::1')).toMatch(/policy: only/);
  const allow = targetPolicy({ ...NONE, allow: ['169.254.169.254'] });
  expect(allow.refusal('2002:a9fe:a9fe::1')).toBeNull();
  expect(targetPolicy({ ...NONE, allow: ['2002::/16'] }).refusal('2002:a9fe:a9fe::1')).toMatch(/metadata/);
});

test.each([['10.0.0.0/33'], ['10.0.0/8'], ['example.com'], ['2001:db8::/129'], ['10.0.0.0/'], ['10.0.0.0/-1']])(
  '%s is refused as a range',
  (cidr) => {
    expect(() => targetPolicy({ ...NONE, deny: [cidr] })).toThrow(/deny: .* is no address range/);
  },
);

test('a policy file is joined with the flags, and an invalid one refuses everything', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-policy-'));
  const path = join(folder, 'policy.json');
  writeFileSync(path, '{"deny": ["10.0.0.0/8"]}');
  const both = readPolicy(path, { ...NONE, deny: ['11.0.0.0/8'] });
  expect(both.problem).toBeNull();
  expect([both.policy.refusal('10.0.0.1'), both.policy.refusal('11.0.0.1')].every((said) => said !== null)).toBe(true);
  for (const text of ['', '{', '{"denny": []}', '{"deny": "10.0.0.0/8"}', '{"deny": ["x"]}']) {
    writeFileSync(path, text);
    const closed = readPolicy(path, NONE);
    expect(closed.problem).toMatch(/fix it or remove it/);
    expect(closed.policy.refusal('127.0.0.1')).toMatch(/nothing is measured/);
  }
  rmSync(folder, { recursive: true });
});

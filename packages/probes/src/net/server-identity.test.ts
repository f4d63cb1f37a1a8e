import { X509Certificate } from 'node:crypto';
import { makeAuthority } from '@netsonde/lab';
import { expect, test } from 'vitest';
import { isFor } from './server-identity.ts';

const NAMES = ['host.lab.test', '*.wild.lab.test', '192.0.2.7', '2001:db8::7', 'fe80::7'];
const certificate = new X509Certificate(makeAuthority().issue({ names: NAMES }).chainPem);

test.each([
  'host.lab.test',
  'HOST.lab.test',
  'host.lab.test.',
  'a.wild.lab.test',
  '192.0.2.7',
  '2001:db8::7',
  '2001:0DB8:0:0::0007',
  'fe80::7',
  'fe80::7%eth0',
])('is for %s', (name) => expect(isFor(certificate, name)).toBe(true));

test.each(['lab.test', 'a.b.wild.lab.test', 'other.lab.test', '192.0.2.8', '2001:db8::8', '::1', ''])(
  'is not for %j',
  (name) => expect(isFor(certificate, name)).toBe(false),
);

test.each([
  ['only a common name', { commonName: 'host.lab.test', names: [] }],
  ['a common name beside another name', { commonName: 'host.lab.test', names: ['other.lab.test'] }],
  ['a common name beside an address', { commonName: 'host.lab.test', names: ['192.0.2.7'] }],
  ['a wildcard for a part of a label', { names: ['h*.lab.test'] }],
  ['a wildcard for a whole domain', { names: ['*.test', '*'] }],
])('a certificate with %s is not for host.lab.test', (_, options) => {
  const leaf = new X509Certificate(makeAuthority().issue(options).chainPem);
  expect(isFor(leaf, 'host.lab.test')).toBe(false);
});

test.each(['192.0.2.7', '::1'])('a certificate whose common name is %s is not for that address', (address) => {
  const leaf = new X509Certificate(makeAuthority().issue({ commonName: address, names: [] }).chainPem);
  expect(isFor(leaf, address)).toBe(false);
});

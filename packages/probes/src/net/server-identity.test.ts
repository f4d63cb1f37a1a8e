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

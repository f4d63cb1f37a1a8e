import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressesWithin, guardedRange } from './plain-address.ts';

const METADATA = '169.254.169.254';

test.each([
  ['::ffff:169.254.169.254', [METADATA, '0:0:0:0:0:ffff:a9fe:a9fe']],
  ['::FFFF:a9fe:a9fe', [METADATA, '0:0:0:0:0:ffff:a9fe:a9fe']],
  ['::169.254.169.254', [METADATA, '0:0:0:0:0:0:a9fe:a9fe']],
  ['::ffff:0:169.254.169.254', [METADATA, '0:0:0:0:ffff:0:a9fe:a9fe']],
  ['64:ff9b::169.254.169.254', [METADATA, '64:ff9b:0:0:0:0:a9fe:a9fe']],
  ['[64:ff9b::a9fe:a9fe]', [METADATA, '64:ff9b:0:0:0:0:a9fe:a9fe']],
  ['2002:a9fe:a9fe::1', ['2002:a9fe:a9fe:0:0:0:0:1', METADATA]],
  // Teredo: server 192.0.2.45, port 40000, client 192.0.2.1. Source: RFC 4380 section 4 (all bits of the client inverted).
  ['2001:0:c000:22d:0:63bf:3fff:fdfe', ['2001:0:c000:22d:0:63bf:3fff:fdfe', '192.0.2.45', '192.0.2.1']],
  ['2001:0:a9fe:a9fe::', ['2001:0:a9fe:a9fe:0:0:0:0', METADATA, '255.255.255.255']],
  ['fd00::5efe:169.254.169.254', ['fd00:0:0:0:0:5efe:a9fe:a9fe', METADATA]],
  ['2001:db8::200:5efe:a9fe:a9fe', ['2001:db8:0:0:200:5efe:a9fe:a9fe', METADATA]],
  ['fe80::1%eth0', ['fe80:0:0:0:0:0:0:1']],
  ['0.0.0.0', ['127.0.0.1']],
  ['::', ['0:0:0:0:0:0:0:1']],
  ['::1', ['0:0:0:0:0:0:0:1']],
  ['2001:db8::', ['2001:db8:0:0:0:0:0:0']],
  ['256.1.1.1', []],
  ['010.1.1.1', []],
  ['::1]/x[', []],
  ['example.com', []],
  ['1', []],
  ['', []],
  ['12345::', []],
])('%s stands for %j', (text, within) => {
  expect(addressesWithin(text).map(({ address }) => address)).toEqual(within);
});

/** 192.0.2.33 behind 64:ff9b:1::/48 and what is longer. Source: the layout of RFC 6052 section 2.2, bits 64 to 71 zero. */
test.each([
  ['/48', '64:ff9b:1:c000:2:2100::'],
  ['/56', '64:ff9b:1:c0:0:221::'],
  ['/64', '64:ff9b:1:0:c0:2:2100:0'],
  ['/96', '64:ff9b:1::192.0.2.33'],
])('the address behind a local NAT64 prefix of %s is found', (_bits, text) => {
  expect(addressesWithin(text).map(({ address }) => address)).toContain('192.0.2.33');
});

test.each([
  ['169.254.169.254', 'a cloud metadata address'],
  ['169.254.0.1', 'a link-local address'],
  ['fe80::1', 'a link-local address'],
  ['febf:ffff::1', 'a link-local address'],
  ['fd00:ec2::254', 'a cloud metadata address'],
  ['fec0::1', undefined],
  ['169.255.0.0', undefined],
  ['::1', undefined],
])('%s lies in %s', (text, what) => {
  const [address] = addressesWithin(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  expect(guardedRange(address)?.what).toBe(what);
});

test('every way to write an IPv4 address as IPv6 leads back to it, and no text throws', async () => {
  const octets = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });
  await fc.assert(
    fc.property(octets, (bytes) => {
      const text = bytes.join('.');
      const plain = addressesWithin(text)[0]?.address;
      for (const form of [`64:ff9b::${text}`, `::ffff:${text}`, `fd00::5efe:${text}`, `64:ff9b:1::${text}`])
        expect(addressesWithin(form).map(({ address }) => address)).toContain(plain);
    }),
  );
  await fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4(), fc.stringMatching(/^[0-9a-f:.[\]%]{0,40}$/)), (text) => {
      expect(addressesWithin(text).length).toBeLessThanOrEqual(5);
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalTarget } from './normal-target.ts';
import type { TargetGrammar } from './target.ts';

const host: TargetGrammar = { form: 'host' };
const hostPort: TargetGrammar = { form: 'host:port' };
const withDefault: TargetGrammar = { form: 'host[:port]', defaultPort: 123 };
const name: TargetGrammar = { form: 'name' };
const url: TargetGrammar = { form: 'url' };

test.each([
  [host, 'example.org', ['Example.ORG', 'example.org.', ' example.org ', 'https://EXAMPLE.org/x']],
  [host, '::1', ['0:0:0:0:0:0:0:1', '[::1]', '0000::0001', 'http://[0::1]/']],
  [host, '2001:db8::a', ['2001:0DB8:0::A', '[2001:db8:0:0::a]']],
  [host, 'fe80::1%eth0', ['FE80:0::1%eth0']],
  [host, 'xn--bcher-kva.example', ['bücher.example', 'BÜCHER.example', 'XN--bcher-KVA.example.']],
  [hostPort, 'example.org:80', ['Example.org:80', 'example.org:080', 'http://example.org/x']],
  [hostPort, '[::1]:53', ['[0:0::1]:53']],
  [withDefault, 'example.org:123', ['example.org', 'EXAMPLE.ORG:123']],
  [name, '_sip._tcp.example.org', ['_SIP._tcp.example.org.']],
  [url, 'http://example.org/A?b=C', ['HTTP://Example.org:80/A?b=C', 'http://example.org./A?b=C#part']],
  [url, 'https://[::1]:8443/', ['https://[0:0:0::1]:8443']],
] as const)('by %o, %s has other spellings', (grammar, normal, others) => {
  expect([normal, ...others].map((text) => normalTarget(grammar, text))).toEqual([normal, ...others].map(() => normal));
});

test.each([
  [host, 'example.org', 'www.example.org'],
  [host, 'intranet', 'intranet.'],
  [host, 'fe80::1%eth0', 'fe80::1%eth1'],
  [hostPort, 'example.org:80', 'example.org:81'],
  [url, 'http://example.org/a', 'http://example.org/A'],
  [url, 'http://example.org/', 'https://example.org/'],
] as const)('by %o, %s and %s are two targets', (grammar, one, other) => {
  expect(normalTarget(grammar, one)).not.toBe(normalTarget(grammar, other));
});

test('the normal form of a normal form is the same', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), fc.domain(), fc.ipV4()), fc.constantFrom(host, withDefault), (text, grammar) => {
      let normal: string;
      try {
        normal = normalTarget(grammar, text);
      } catch {
        return;
      }
      expect(normalTarget(grammar, normal)).toBe(normal);
    }),
  );
});

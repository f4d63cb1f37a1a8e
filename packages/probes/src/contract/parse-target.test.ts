import { describe, expect, it } from 'vitest';
import { parseTarget } from './parse-target.ts';
import { TargetError, type TargetGrammar } from './target.ts';

const host: TargetGrammar = { form: 'host' };
const hostPort: TargetGrammar = { form: 'host:port' };
const withDefault: TargetGrammar = { form: 'host[:port]', defaultPort: 123 };
const url: TargetGrammar = { form: 'url' };

describe('parseTarget', () => {
  it.each([
    [host, 'example.org', { host: 'example.org' }],
    [host, '192.0.2.7', { host: '192.0.2.7' }],
    [host, '2001:db8::1', { host: '2001:db8::1' }],
    [host, 'fe80::1%eth0', { host: 'fe80::1%eth0' }],
    [host, '[2001:db8::1]', { host: '2001:db8::1' }],
    [hostPort, '[2001:db8::1]:53', { host: '2001:db8::1', port: 53 }],
    [hostPort, 'example.org:8080', { host: 'example.org', port: 8080 }],
    [withDefault, 'example.org', { host: 'example.org', port: 123 }],
    [withDefault, 'example.org:1123', { host: 'example.org', port: 1123 }],
    [{ form: 'name' }, '_sip._tcp.example.org', { host: '_sip._tcp.example.org' }],
    [url, 'http://example.org:8080/a?b=c', { host: 'example.org', port: 8080, url: 'http://example.org:8080/a?b=c' }],
    [url, 'https://[2001:db8::1]/', { host: '2001:db8::1', port: 443, url: 'https://[2001:db8::1]/' }],
    [host, 'https://example.org/x', { host: 'example.org' }],
    [hostPort, 'https://example.org/x', { host: 'example.org', port: 443 }],
    [host, 'bücher.example', { host: 'xn--bcher-kva.example' }],
    [hostPort, 'BÜCHER.example:80', { host: 'xn--bcher-kva.example', port: 80 }],
    [withDefault, '例え.テスト', { host: 'xn--r8jz45g.xn--zckzah', port: 123 }],
    [{ form: 'name' }, '_sip._tcp.bücher.example.', { host: '_sip._tcp.xn--bcher-kva.example.' }],
    [
      url,
      'https://bücher.example/ä',
      { host: 'xn--bcher-kva.example', port: 443, url: 'https://xn--bcher-kva.example/%C3%A4' },
    ],
    [host, 'example.org.', { host: 'example.org.' }],
    [{ form: 'name' }, '224.0.0.1', { host: '224.0.0.1' }],
    [host, '223.255.255.255', { host: '223.255.255.255' }],
  ] as const)('reads %o %s', (grammar, text, expected) => {
    expect(parseTarget(grammar, text)).toEqual({ text, ...expected });
  });

  it.each([
    [host, ''],
    [host, '   '],
    [host, '-oProxyCommand=x'],
    [host, 'a'.repeat(300)],
    [host, 'http://[::1'],
    [url, 'http://[::1'],
    [url, 'example.org'],
    [url, 'file:///etc/passwd'],
    [url, 'http://user:secret@example.org/'],
    [url, 'x'.repeat(3000)],
    [hostPort, 'example.org'],
    [hostPort, 'example.org:0'],
    [hostPort, 'example.org:65536'],
    [hostPort, 'example.org:-1'],
    [host, 'exa mple.org'],
    [host, 'a..b'],
    [host, '300.1.1.1'],
    [host, '1.2.3'],
    [host, ':::'],
    [host, 'example.org;reboot'],
    [host, '::1%lo%x'],
    [host, 'fe80::1'],
    [host, 'bü cher.example'],
    [host, 'bücher..example'],
    [host, 'bücher.example/x'],
    [host, 'bücher.example#x'],
    [host, 'ü'.repeat(64)],
    [host, '１２７.0.0.1'],
    [host, 'a\u0000ü'],
  ] as const)('refuses %o %s and says why', (grammar, text) => {
    expect(() => parseTarget(grammar, text)).toThrow(TargetError);
    expect(() => parseTarget(grammar, text)).toThrow(/^target /);
  });

  it.each([
    [host, '0.0.0.0', 'this network'],
    [host, '0.1.2.3', 'this network'],
    [host, '224.0.0.1', 'multicast'],
    [host, '239.255.255.255', 'multicast'],
    [host, '255.255.255.255', 'broadcast'],
    [host, '240.0.0.1', 'reserved'],
    [host, '::', 'unspecified'],
    [host, '0:0::0', 'unspecified'],
    [host, 'ff02::1%eth0', 'multicast'],
    [host, '::ffff:224.0.0.1', 'multicast'],
    [host, '::ffff:0:0', 'this network'],
    [hostPort, '224.0.0.1:80', 'multicast'],
    [hostPort, '[ff02::1]:80', 'multicast'],
    [withDefault, '0.0.0.0', 'this network'],
    [url, 'http://0.0.0.0/', 'this network'],
    [url, 'http://[ff0e::1]/', 'multicast'],
  ] as const)('refuses %o %s, which is no host', (grammar, text, what) => {
    expect(() => parseTarget(grammar, text)).toThrow(TargetError);
    expect(() => parseTarget(grammar, text)).toThrow(new RegExp(`^target .*${what}.*: write `));
  });
});

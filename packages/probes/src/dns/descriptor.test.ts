import { describe, expect, it } from 'vitest';
import { optionFields } from '../contract/option-field.ts';
import { dns } from './descriptor.ts';
import { parseResolver } from './resolver-option.ts';

describe('the options of dns', () => {
  it('all have defaults and labels', () => {
    expect(dns.options.parse({})).toMatchObject({ type: 'A', resolver: '', transport: 'udp', attempts: 2 });
    expect(optionFields(dns.options).map(({ name }) => name)).toContain('expectAnswers');
  });

  it.each([
    ['9.9.9.9', 'udp', { host: '9.9.9.9', port: 53, path: '' }],
    ['9.9.9.9:5353', 'tcp', { host: '9.9.9.9', port: 5353, path: '' }],
    ['dns.example', 'tls', { host: 'dns.example', port: 853, path: '' }],
    ['2001:db8::1', 'udp', { host: '2001:db8::1', port: 53, path: '' }],
    ['[2001:db8::1]:54', 'udp', { host: '2001:db8::1', port: 54, path: '' }],
    ['https://dns.example/dns-query?a=1', 'https', { host: 'dns.example', port: 443, path: '/dns-query?a=1' }],
    ['https://[::1]:8443/q', 'https', { host: '::1', port: 8443, path: '/q' }],
  ] as const)('reads the resolver %s over %s', (resolver, transport, expected) => {
    expect(dns.options.safeParse({ resolver, transport }).success).toBe(true);
    expect(parseResolver(resolver, transport)).toEqual(expected);
  });

  it.each([
    ['-oProxyCommand=x', 'udp', /resolver .* is none/],
    ['9.9.9.9:70000', 'udp', /ports are 1 to 65535/],
    ['https://dns.example/q', 'tls', /only the transport https takes/],
    ['http://dns.example/q', 'https', /must be an https URL/],
    ['', 'https', /must be an https URL/],
    ['dns.example', 'https', /must be an https URL/],
    ['https://[::1', 'https', /must be an https URL/],
  ] as const)('refuses the resolver %s over %s', (resolver, transport, message) => {
    const parsed = dns.options.safeParse({ resolver, transport });
    expect(parsed.error?.issues).toMatchObject([{ path: ['resolver'], message: expect.stringMatching(message) }]);
  });

  it('has a deadline that covers each wait', () => {
    const seconds = (options: Record<string, unknown>) => dns.cost(dns.options.parse(options)).seconds;
    expect(seconds({ timeoutSeconds: 1, attempts: 3, cacheQueries: 4 })).toBeGreaterThanOrEqual(3 + 4 + 2);
  });
});

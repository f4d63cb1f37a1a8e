import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { type AgentFlags, agentOptionsFrom } from './options.ts';

const server = 'http://localhost:5000';

test('flags override the environment, which overrides the defaults', () => {
  const env = {
    NETSONDE_SERVER: 'https://a.example/base/',
    NETSONDE_NAME: 'env',
    NETSONDE_LABELS: 'site=x, rack=2',
    NETSONDE_VERBOSE: 'true',
    NETSONDE_AGENT_DATA: '/tmp/env',
  };
  expect(agentOptionsFrom(env, {})).toMatchObject({
    reach: {
      by: 'dialling',
      server: {
        text: 'https://a.example/base',
        socketUrl: 'wss://a.example/base/agent/session',
        encrypted: true,
        loopback: false,
      },
    },
    name: 'env',
    labels: { site: 'x', rack: '2' },
    verbose: true,
    data: '/tmp/env',
    token: null,
    ca: null,
  });
  expect(
    agentOptionsFrom(env, { server, name: 'flag', label: ['a=b=c'], verbose: false, data: '/tmp/flag' }),
  ).toMatchObject({
    reach: { server: { socketUrl: 'ws://localhost:5000/agent/session', encrypted: false, loopback: true } },
    name: 'flag',
    labels: { a: 'b=c' },
    verbose: false,
    data: '/tmp/flag',
  });
  expect(agentOptionsFrom({}, { server }).name).toBe(hostname().slice(0, 100));
});

const tls = null;
test.each([
  [{}, { listen: true }, { host: '127.0.0.1', port: 5001, loopback: true, tls }],
  [{ NETSONDE_SERVER: server }, { listen: '7000' }, { host: '127.0.0.1', port: 7000, loopback: true, tls }],
  [{ NETSONDE_LISTEN: ':0' }, {}, { host: '127.0.0.1', port: 0, loopback: true, tls }],
  [{}, { listen: '0.0.0.0:80' }, { host: '0.0.0.0', port: 80, loopback: false, tls }],
  [{}, { listen: '[::]:5001' }, { host: '::', port: 5001, loopback: false, tls }],
  [{}, { listen: '[::1]' }, { host: '::1', port: 5001, loopback: true, tls }],
  [{}, { listen: 'probe-7.example' }, { host: 'probe-7.example', port: 5001, loopback: false, tls }],
  [{}, { listen: '192.0.2.7' }, { host: '192.0.2.7', port: 5001, loopback: false, tls }],
])('%j %j listens', (env, flags, listen) => {
  expect(agentOptionsFrom(env, flags as AgentFlags).reach).toEqual({ by: 'listening', listen });
});

test.each([
  [{}, {}, /--server is missing.*--listen/],
  [{}, { server, listen: '5001' }, /^--server and --listen: the agent dials or listens/],
  [{ NETSONDE_SERVER: server, NETSONDE_LISTEN: '5001' }, {}, /^NETSONDE_SERVER and NETSONDE_LISTEN/],
  [{}, { listen: 'host:99999' }, /^--listen: "host:99999" is no place to listen/],
  [{}, { listen: 'http://host:1' }, /^--listen: .* is no place to listen/],
  [{}, { listen: '5001', tlsCert: '/x' }, /^--tls-key is missing/],
  [{}, { listen: '5001', tlsCert: '/nowhere/c.pem', tlsKey: '/nowhere/k.pem' }, /^--tls-cert: .*ENOENT/],
  [{}, { server: 'nonsense' }, /^--server: "nonsense" is not a URL/],
  [{ NETSONDE_SERVER: 'ftp://x' }, {}, /^NETSONDE_SERVER: the scheme "ftp" is not known/],
  [{}, { server: 'http://u:p@x' }, /^--server: user names and passwords/],
  [{ NETSONDE_TOKEN: 'abc' }, { server }, /^NETSONDE_TOKEN: this is no enrolment token/],
  [{}, { server, name: '' }, /^--name: a name has 1 to 100 characters/],
  [{ NETSONDE_NAME: 'a\u202eb' }, { server }, /^NETSONDE_NAME: a name has 1 to 100 characters that can be seen/],
  [{}, { server, label: ['novalue'] }, /^--label: "novalue" is no label: write key=value/],
  [{}, { server, label: [`a=${'x'.repeat(201)}`] }, /^--label: .* is no label: the value of a label has at most 200/],
  [{ NETSONDE_LABELS: '1a=b' }, { server }, /^NETSONDE_LABELS: "1a=b" is no label: the name .* begins with a letter/],
  [{ NETSONDE_VERBOSE: 'maybe' }, { server }, /^NETSONDE_VERBOSE/],
  [{}, { server, ca: '/nowhere/ca.pem' }, /^--ca: .*ENOENT/],
  [{}, { server, ca: import.meta.filename }, /^--ca: .* holds no certificate in PEM/],
  [{}, { server, deny: ['foo'] }, /^--deny: "foo" is no address range: write it like 10/],
  [{}, { server, only: ['10.0.0.0/8,10.0.0.0/33'] }, /^--only: "10\.0\.0\.0\/33" is no address range/],
  [{}, { server, allow: ['10.0.0.0/8/8'] }, /^--allow: "10\.0\.0\.0\/8\/8" is no address range/],
  [{}, { server, only: [''] }, /^--only is empty/],
  [{ NETSONDE_DENY: '192.0.2.0/24, example.org' }, { server }, /^NETSONDE_DENY: "example\.org" is no address range/],
  [{ NETSONDE_MAX_RUNS: '0' }, { server }, /^NETSONDE_MAX_RUNS/],
])('%j %j is refused by name', (env, flags, message) => {
  expect(() => agentOptionsFrom(env, flags)).toThrow(message);
});

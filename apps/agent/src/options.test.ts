import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { agentOptionsFrom } from './options.ts';

const server = 'http://localhost:5000';

test('flags go before the environment, which goes before the defaults', () => {
  const env = {
    NETSONDE_SERVER: 'https://a.example/base/',
    NETSONDE_NAME: 'env',
    NETSONDE_LABELS: 'site=x, rack=2',
    NETSONDE_VERBOSE: 'true',
    NETSONDE_AGENT_DATA: '/tmp/env',
  };
  expect(agentOptionsFrom(env, {})).toMatchObject({
    server: {
      text: 'https://a.example/base',
      socketUrl: 'wss://a.example/base/agent/session',
      encrypted: true,
      loopback: false,
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
    server: { socketUrl: 'ws://localhost:5000/agent/session', encrypted: false, loopback: true },
    name: 'flag',
    labels: { a: 'b=c' },
    verbose: false,
    data: '/tmp/flag',
  });
  expect(agentOptionsFrom({}, { server }).name).toBe(hostname().slice(0, 100));
});

test.each([
  [{}, {}, /--server is missing/],
  [{}, { server: 'nonsense' }, /^--server: "nonsense" is not a URL/],
  [{ NETSONDE_SERVER: 'ftp://x' }, {}, /^NETSONDE_SERVER: the scheme "ftp" is not known/],
  [{}, { server: 'http://u:p@x' }, /^--server: user names and passwords/],
  [{ NETSONDE_TOKEN: 'abc' }, { server }, /^NETSONDE_TOKEN: this is no enrolment token/],
  [{}, { server, name: '' }, /^--name: a name has 1 to 100 characters/],
  [{}, { server, label: ['novalue'] }, /^--label: "novalue" is no label/],
  [{ NETSONDE_LABELS: '1a=b' }, { server }, /^NETSONDE_LABELS: "1a=b" is no label/],
  [{ NETSONDE_VERBOSE: 'maybe' }, { server }, /^NETSONDE_VERBOSE/],
  [{}, { server, ca: '/nowhere/ca.pem' }, /^--ca: .*ENOENT/],
  [{ NETSONDE_MAX_RUNS: '0' }, { server }, /^NETSONDE_MAX_RUNS/],
])('%j %j is refused by name', (env, flags, message) => {
  expect(() => agentOptionsFrom(env, flags)).toThrow(message);
});

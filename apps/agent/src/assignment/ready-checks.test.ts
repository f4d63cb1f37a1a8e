import { catalog } from '@netsonde/probes/catalog';
import { runners } from '@netsonde/probes/runtime';
import type { AssignedCheck } from '@netsonde/protocol';
import { expect, test } from 'vitest';
import { closedPolicy, targetPolicy } from '../policy/target-policy.ts';
import { readyChecks } from './ready-checks.ts';

const check = (probe: string, addresses: readonly string[], options: AssignedCheck['options'] = {}): AssignedCheck => ({
  check: 7,
  test: 1,
  probe,
  options,
  expectations: [],
  intervalMs: 1000,
  startMs: 0,
  endMs: null,
  targets: addresses.map((address, i) => ({ target: i + 1, address })),
});
const rules = { policy: targetPolicy({ allow: [], deny: ['10.0.0.0/8'], only: [] }), problem: null };

test('a target that is refused costs the others of its check nothing', () => {
  const addresses = ['127.0.0.1', '169.254.169.254', '10.1.2.3', '2002:a9fe:a9fe::1', 'host.example', '-o'];
  const { ready, refused } = readyChecks([check('icmp', addresses)], { catalog, runners, rules });
  expect([...(ready[0]?.targets.keys() ?? [])]).toEqual([1, 5]);
  expect(refused).toEqual([
    { check: 7, target: 2, reason: expect.stringMatching(/169\.254\.169\.254 is a cloud metadata address/) },
    { check: 7, target: 3, reason: expect.stringMatching(/10\.1\.2\.3 is refused by this agent's owner/) },
    { check: 7, target: 4, reason: expect.stringMatching(/leads to 169\.254\.169\.254/) },
    { check: 7, target: 6, reason: expect.stringMatching(/target/) },
  ]);
});

test.each([
  ['tcp', '169.254.169.254:80'],
  ['tcp', '[64:ff9b::a9fe:a9fe]:80'],
  ['http', 'http://169.254.169.254/latest/meta-data'],
  ['http', 'http://[::ffff:169.254.169.254]/'],
  ['http', 'http://2852039166/'],
  ['ntp', '169.254.169.254'],
])('%s against %s is refused before it runs', (probe, address) => {
  const { ready, refused } = readyChecks([check(probe, [address])], { catalog, runners, rules });
  expect([ready[0]?.targets.size, refused.map(({ target }) => target)]).toEqual([0, [1]]);
});

test('a name that looks like an address is asked of a resolver, not measured', () => {
  const { ready } = readyChecks([check('dns', ['10.in-addr.arpa'])], { catalog, runners, rules });
  expect(ready[0]?.targets.size).toBe(1);
});

test('where the rules cannot be read nothing is run, names neither', () => {
  const closed = { policy: closedPolicy('the file is broken'), problem: 'the file is broken' };
  const { ready, refused } = readyChecks([check('icmp', ['127.0.0.1', 'host.example'])], {
    catalog,
    runners,
    rules: closed,
  });
  expect(ready[0]?.targets.size).toBe(0);
  expect(refused.map(({ reason }) => reason)).toEqual(Array(2).fill('nothing is measured: the file is broken'));
});

test('an unknown probe and wrong options refuse the whole check', () => {
  const { ready, refused } = readyChecks(
    [check('nothing', ['127.0.0.1']), check('icmp', ['127.0.0.1'], { count: 0 })],
    { catalog, runners, rules },
  );
  expect(ready).toEqual([]);
  expect(refused.map(({ target, reason }) => [target, reason.split(':')[0]])).toEqual([
    [undefined, 'probe'],
    [undefined, 'options'],
  ]);
});

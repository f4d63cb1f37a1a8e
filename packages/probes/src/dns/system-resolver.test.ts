import hostDns from 'node:dns';
import { type Service, startService, type Zone } from '@netsonde/lab';
import { afterEach, describe, expect, it } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { runProbe, suiteHost } from '../run/run-probe.test-support.ts';
import { dns } from './descriptor.ts';
import { dnsRunner } from './run.ts';

const before = hostDns.getServers();
/** Nothing may leave this host, whatever resolver is found. */
const host = {
  ...suiteHost,
  policy: { refusal: (address: string) => (address === '127.0.0.1' ? null : `${address} is not this suite's`) },
};
let running: Service | null = null;
afterEach(async () => {
  hostDns.setServers(before);
  await running?.close();
  running = null;
});

const zone: Zone = {
  'one.lab.test': { records: [{ type: 'A', ttl: 300, data: '10.0.0.1' }] },
  'broken.lab.test': { rcode: 'SERVFAIL' },
  'private.lab.test': { rcode: 'REFUSED' },
  'mute.lab.test': { drop: true },
  'forged.lab.test': { wrongId: true },
};

/** Asks the first of the resolvers that Node holds for the system's. */
async function ask(name: string, options: Record<string, unknown> = {}) {
  running ??= await startService({ kind: 'dns', zone });
  hostDns.setServers([`127.0.0.1:${running.facts.port}`, '127.0.0.1:9']);
  const { outcome } = await runProbe(dns, dnsRunner, name, { timeoutSeconds: 0.1, ...options }, { host });
  expect(faultsOf(dns, outcome)).toEqual([]);
  return outcome;
}

describe('the system’s resolver', () => {
  it('is asked when the test names none', async () => {
    const outcome = await ask('one.lab.test');
    expect(outcome).toMatchObject({
      verdict: 'up',
      detail: { resolver: `127.0.0.1:${running?.facts.port}`, resolver_of: 'system' },
    });
  });

  it.each([
    ['broken.lab.test', 'servfail'],
    ['private.lab.test', 'refused'],
    ['mute.lab.test', 'timeout'],
    ['forged.lab.test', 'protocol_violation'],
  ])('is to blame for %s, not the target: unknown, %s', async (name, cause) => {
    expect(await ask(name)).toMatchObject({ verdict: 'unknown', finding: { cause, side: 'resolver' } });
  });

  it.each(['udp', 'tcp'])('is to blame when its port is closed over %s', async (transport) => {
    running = await startService({ kind: 'dns' });
    const { facts } = running;
    await running.close();
    running = { facts, seen: () => [], close: async () => {} };
    expect(await ask('one.lab.test', { transport })).toMatchObject({
      verdict: 'unknown',
      finding: { cause: 'refused', side: 'resolver' },
    });
  });

  it('is trusted when it answers that a name does not exist or has other data', async () => {
    expect(await ask('nobody.lab.test')).toMatchObject({
      verdict: 'down',
      finding: { cause: 'nxdomain', side: 'target' },
    });
    expect(await ask('one.lab.test', { expectAnswers: ['10.9.9.9'] })).toMatchObject({
      verdict: 'down',
      finding: { cause: 'unexpected_answer', side: 'target' },
    });
  });
});

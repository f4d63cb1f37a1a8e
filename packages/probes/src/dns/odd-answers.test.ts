import { type Answer, encode, type Packet, TRUNCATED_RESPONSE } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { calmly } from '../run/calm-run.test-support.ts';
import { runProbe } from '../run/run-probe.test-support.ts';
import { dns } from './descriptor.ts';
import { dnsRunner } from './run.ts';
import { hasEdns, type Script, scriptedResolver } from './scripted-resolver.test-support.ts';

const NAME = 'one.lab.test';
const address = (data: string, name = NAME): Answer => ({ type: 'A', name, ttl: 60, data });
const [FORMERR, NXDOMAIN, NOTIMP] = [1, 3, 4];

async function ask(script: Script, options: Readonly<Record<string, unknown>> = {}) {
  const resolver = await scriptedResolver(script);
  const { outcome } = await calmly(() => runProbe(dns, dnsRunner, NAME, { resolver, timeoutSeconds: 0.5, ...options }));
  expect(faultsOf(dns, outcome)).toEqual([]);
  return outcome;
}

/** An answer with an OPT record. */
const withOpt = (flags: number, extendedRcode: number): Packet => {
  const opt = { name: '.', udpPayloadSize: 512, extendedRcode, ednsVersion: 0, flags: 0, flag_do: false, options: [] };
  return { flags, additionals: [{ type: 'OPT', ...opt }] };
};

describe('a resolver that refuses EDNS', () => {
  const badVersion = withOpt(0, 1);

  it.each([
    ['FORMERR (1)', { flags: FORMERR }],
    ['FORMERR (1)', { flags: FORMERR, questions: [] }],
    ['NOTIMP (4)', { flags: NOTIMP }],
    ['BADVERS (16)', badVersion],
  ] as const)('with %s is asked again without it: up, over UDP and TCP', async (code, refusal) => {
    for (const transport of ['udp', 'tcp']) {
      const outcome = await ask(
        (query) => (hasEdns(query) ? (refusal as Packet) : { answers: [address('10.0.0.1')] }),
        { transport, expectAnswers: ['10.0.0.1'] },
      );
      expect(outcome).toMatchObject({
        verdict: 'up',
        metrics: { rcode: 0, answers: 1 },
        detail: { edns: 'refused', edns_refused_with: code, rcode: 'NOERROR (0)' },
      });
      expect(outcome.metrics.resolution_time_ms).toBeGreaterThan(Number(outcome.detail.edns_refused_ms));
    }
  });

  it.each([
    ['FORMERR', FORMERR],
    ['NOTIMP', NOTIMP],
  ])('with %s and an OPT record refuses something else, and is not asked again: down', async (code, flags) => {
    const withoutEdns: unknown[] = [];
    const outcome = await ask((query) => {
      if (!hasEdns(query)) withoutEdns.push(query);
      return withOpt(flags, 0);
    });
    expect(outcome).toMatchObject({
      verdict: 'down',
      finding: { cause: 'unexpected_answer', operation: expect.stringContaining(`${code}, expected NOERROR`) },
    });
    expect([withoutEdns, outcome.detail.edns]).toEqual([[], undefined]);
  });

  it('cannot be asked whether it verified the answer', async () => {
    const outcome = await ask((query) => (hasEdns(query) ? { flags: FORMERR } : { answers: [address('10.0.0.1')] }), {
      dnssec: true,
    });
    expect(outcome.absent.authenticated_data).toBe('not_offered_by_target');
  });

  it('is asked without it over TCP too, when its answer was cut', async () => {
    const outcome = await ask((query, transport) => {
      if (hasEdns(query)) return { flags: FORMERR };
      return transport === 'udp' ? { flags: TRUNCATED_RESPONSE } : { answers: [address('10.0.0.1')] };
    });
    expect(outcome).toMatchObject({ verdict: 'up', metrics: { truncated: true, answers: 1 } });
  });

  it('is asked about its cache without it too', async () => {
    const outcome = await ask((query) => (hasEdns(query) ? { flags: FORMERR } : { answers: [address('10.0.0.1')] }), {
      cacheQueries: 2,
    });
    expect(outcome).toMatchObject({ verdict: 'up', metrics: { cache_hit_pct: 100 }, detail: { edns: 'refused' } });
    expect(outcome.detail.edns_refused_ms).toBeUndefined();
  });

  it('and the question without it just as well did not mean EDNS: down', async () => {
    const outcome = await ask(() => ({ flags: FORMERR }));
    expect(outcome).toMatchObject({
      verdict: 'down',
      finding: { cause: 'unexpected_answer', operation: expect.stringMatching(/FORMERR, expected NOERROR/) },
      detail: { edns: 'refused like a query without it' },
    });
  });

  it('as the test expects is not asked again', async () => {
    const outcome = await ask(() => ({ flags: FORMERR }), { expectRcode: 'FORMERR' });
    expect(outcome.verdict).toBe('up');
    expect(outcome.detail.edns).toBeUndefined();
  });
});

describe('records that do not answer the question', () => {
  it.each([
    ['of another name', address('10.0.0.9', 'two.lab.test')],
    ['of another type', { type: 'AAAA', name: NAME, ttl: 1, data: '2001:db8::9' } as Answer],
    ['of another class', { ...address('10.0.0.9'), class: 'CH' } as Answer],
  ])('%s count nowhere and satisfy nothing', async (_, stray) => {
    const answers = [address('10.0.0.1'), stray];
    const outcome = await ask(() => ({ answers }));
    expect(outcome).toMatchObject({
      verdict: 'up',
      metrics: { answers: 1, ttl_min_s: 60 },
      detail: { unrelated_records: 1 },
    });
    for (const expected of ['10.0.0.9', '2001:db8::9'])
      expect(await ask(() => ({ answers }), { expectAnswers: [expected] })).toMatchObject({
        verdict: 'down',
        finding: { cause: 'unexpected_answer', operation: expect.stringContaining('1 that answer another question') },
      });
  });

  it('alone are no answer: down', async () => {
    expect(await ask(() => ({ answers: [address('10.0.0.9', 'two.lab.test')] }))).toMatchObject({
      verdict: 'down',
      finding: { cause: 'protocol_violation', side: 'target' },
      metrics: { answers: 0 },
    });
  });
});

describe('no data and no such name', () => {
  it('are distinguished where answers are expected', async () => {
    expect(await ask(() => ({}), { expectAnswers: ['10.0.0.1'] })).toMatchObject({
      verdict: 'down',
      finding: { cause: 'no_data', operation: expect.stringContaining('the name has no A record') },
      metrics: { rcode: 0, answers: 0 },
      detail: { no_data: true },
    });
    expect(await ask(() => ({ flags: NXDOMAIN }), { expectAnswers: ['10.0.0.1'] })).toMatchObject({
      verdict: 'down',
      finding: { cause: 'nxdomain', operation: expect.stringContaining('NXDOMAIN, expected NOERROR') },
      detail: { rcode: 'NXDOMAIN (3)' },
    });
  });

  it('are distinguished where the name must not exist', async () => {
    expect(await ask(() => ({}), { expectRcode: 'NXDOMAIN' })).toMatchObject({
      verdict: 'down',
      finding: { cause: 'no_data', operation: expect.stringContaining('the name exists') },
    });
    expect(await ask(() => ({ flags: NXDOMAIN }), { expectRcode: 'NXDOMAIN' })).toMatchObject({ verdict: 'up' });
  });

  it('is up if no answers are expected, and the detail says why there are none', async () => {
    expect(await ask(() => ({}))).toMatchObject({ verdict: 'up', detail: { no_data: true } });
  });
});

describe('messages that are no answer', () => {
  it('with another id or question are ignored and counted, and the answer after them is used', async () => {
    const outcome = await ask((query) => {
      const answer = (change: Packet) =>
        encode({
          type: 'response',
          id: query.id ?? 0,
          questions: query.questions ?? [],
          answers: [address('10.0.0.1')],
          ...change,
        });
      const otherId = answer({ id: ((query.id ?? 0) + 1) & 0xffff });
      const otherQuestion = answer({ questions: [{ type: 'A', name: 'two.lab.test' }] });
      return [otherId, otherQuestion, Buffer.from('no message'), answer({})];
    });
    expect(outcome).toMatchObject({
      verdict: 'up',
      detail: { ignored_messages: 3, ignored_because: ['id', 'question', 'rubbish'] },
    });
  });
});

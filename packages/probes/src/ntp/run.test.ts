import { type NtpConfig, startService } from '@netsonde/lab';
import { afterEach, describe, expect, it } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { parseTarget } from '../contract/parse-target.ts';
import { calmRun, watched } from '../run/calm-run.test-support.ts';
import { execute } from '../run/execute.ts';
import { openSystemRunHost } from '../run/system-run-host.ts';
import { ntp } from './descriptor.ts';
import { ntpRunner } from './run.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const FAST = { count: 3, intervalSeconds: 0.05, timeoutSeconds: 0.4 };

async function ask(target: string, options: Record<string, unknown> = FAST) {
  const host = openSystemRunHost({ refusal: () => null });
  closing.push(() => host.close());
  const execution = await execute(host, ntp, ntpRunner, parseTarget(ntp.target, target), ntp.options.parse(options));
  expect(faultsOf(ntp, execution.outcome)).toEqual([]);
  return execution.outcome;
}

/** Each run has a server of its own. */
function askServer(config: Omit<NtpConfig, 'kind'>, options: Record<string, unknown> = FAST) {
  return calmRun(async () => {
    const service = await startService({ kind: 'ntp', ...config });
    closing.push(() => service.close());
    return watched(async () => ({
      outcome: await ask(`127.0.0.1:${service.facts.port}`, options),
      seen: service.seen(),
    }));
  });
}

describe('ntp against a real server', () => {
  it.each([0, 3_600_000, -250])(
    'finds a clock that is %d ms ahead, within the bound that it gives',
    async (offsetMs) => {
      const { outcome } = await askServer({ offsetMs });
      expect(outcome.verdict).toBe('up');
      const { offset_ms: offset, offset_bound_ms: bound } = outcome.metrics;
      expect(Math.abs(Number(offset) - offsetMs)).toBeLessThanOrEqual(Number(bound));
      expect(outcome.stamps).toEqual({ kernel: 3, process: 0 });
    },
  );

  it.each([
    { stratum: 1, rootDelayMs: 12.5, rootDispersionMs: 3, leap: 0 },
    { stratum: 5, rootDelayMs: 250, rootDispersionMs: 62.5, leap: 1 },
  ] as const)('tells what the server says of itself: %o', async (said) => {
    const { outcome } = await askServer(said);
    const { stratum, root_delay_ms, root_dispersion_ms, leap } = outcome.metrics;
    expect({ stratum, leap }).toEqual({ stratum: said.stratum, leap: said.leap });
    expect(root_delay_ms).toBeCloseTo(said.rootDelayMs, 1);
    expect(root_dispersion_ms).toBeCloseTo(said.rootDispersionMs, 1);
  });

  it('leaves the time that the server took out of the delay', async () => {
    const { outcome } = await askServer({ processingMs: 300 }, { ...FAST, timeoutSeconds: 2 });
    const round = Number(outcome.metrics.delay_ms);
    expect(round).toBeLessThan(300);
    expect(round).toBeGreaterThan(-1);
  });

  it('counts requests and answers, and needs only one of them', async () => {
    const { outcome, seen } = await askServer({ dropEvery: 2 });
    expect(outcome.verdict).toBe('up');
    expect(outcome.metrics).toMatchObject({ sent: 3, received: 2 });
    expect(outcome.samples?.offsets_ms?.map((offset) => offset === null)).toEqual([false, true, false]);
    expect(seen).toHaveLength(3);
  });

  it.each([
    [{ silent: true }, 'down', 'timeout', 'path'],
    [{ wrongOrigin: true }, 'down', 'protocol_violation', 'target'],
    [{ kiss: 'DENY' }, 'down', 'refused', 'target'],
    [{ leap: 3 }, 'degraded', 'not_synchronised', 'target'],
    [{ stratum: 16 }, 'degraded', 'not_synchronised', 'target'],
    [{ stratum: 0, leap: 3, referenceId: 'INIT' }, 'degraded', 'not_synchronised', 'target'],
    [{ stratum: 0, leap: 3, referenceId: 'STEP' }, 'degraded', 'not_synchronised', 'target'],
    [{ stratum: 0, referenceId: '' }, 'degraded', 'not_synchronised', 'target'],
    [{ rootDispersionMs: 16_500 }, 'degraded', 'not_synchronised', 'target'],
    [{ rootDelayMs: 20_000, rootDispersionMs: 6500 }, 'degraded', 'not_synchronised', 'target'],
    [{ transmitBeforeMs: 5000 }, 'degraded', 'unexpected_answer', 'target'],
    [{ withoutTransmit: true }, 'degraded', 'unexpected_answer', 'target'],
    [{ referenceAfterMs: 60_000 }, 'degraded', 'unexpected_answer', 'target'],
  ] as const)('%o: %s, %s', async (config, verdict, cause, side) => {
    const { outcome } = await askServer(config);
    expect(outcome).toMatchObject({ verdict, finding: { cause, side } });
  });

  it.each([{ transmitBeforeMs: 5000 }, { withoutTransmit: true }])(
    'has no offset and no delay from times that cannot be true: %o',
    async (config) => {
      const { outcome } = await askServer(config);
      expect(outcome.metrics).toMatchObject({ sent: 3, received: 3, stratum: 2 });
      const { offset_ms, delay_ms, offset_bound_ms } = outcome.absent;
      expect([offset_ms, delay_ms, offset_bound_ms]).toEqual(Array(3).fill('not_offered_by_target'));
    },
  );

  it('measures the offset of a server that is not synchronised', async () => {
    const { outcome } = await askServer({ stratum: 16, leap: 3, offsetMs: 5000 });
    expect(outcome.metrics).toMatchObject({ received: 3, stratum: 16 });
    expect(Math.abs(Number(outcome.metrics.offset_ms) - 5000)).toBeLessThanOrEqual(
      Number(outcome.metrics.offset_bound_ms),
    );
  });

  it.each([
    ['RATE', 'unknown', 'kiss_rate', 'agent', 'kiss_rate', undefined],
    ['DENY', 'down', 'refused', 'target', 'kiss_deny', 0],
    ['RSTR', 'down', 'refused', 'target', 'kiss_deny', 0],
  ] as const)(
    '%s: sends nothing more in this run and nothing in the next',
    async (kiss, verdict, cause, side, held, received) => {
      const service = await startService({ kind: 'ntp', kiss });
      closing.push(() => service.close());
      const target = `127.0.0.1:${service.facts.port}`;
      const first = await ask(target);
      expect(first).toMatchObject({ verdict, finding: { cause, side }, metrics: { sent: 1 } });
      expect(first.metrics.received, 'a fault of the agent does not count against the server').toBe(received);
      const next = await ask(target);
      expect(next).toMatchObject({
        verdict: 'unknown',
        finding: { cause: held, side: 'agent', operation: expect.stringContaining('nothing is sent for another') },
        metrics: { sent: 0 },
      });
      expect(service.seen()).toHaveLength(1);
    },
  );

  it('distinguishes a closed port from silence', async () => {
    const service = await startService({ kind: 'ntp' });
    const { port } = service.facts;
    await service.close();
    const outcome = await ask(`127.0.0.1:${port}`);
    expect(outcome).toMatchObject({ verdict: 'down', finding: { cause: 'refused', side: 'target' } });
  });
});

import { expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { absentRest, type Finding, type Outcome } from '../contract/outcome.ts';
import { catalog } from '../registry.ts';
import { withoutSilence } from './agent-side-figures.ts';
import { attribute } from './attribution.ts';

const { icmp } = catalog;
const metrics = { sent: 5, received: 3, duplicates: 0, late: 0, loss_pct: 40, rtt_avg_ms: 2, mos: 2.1 };

const outcomeOf = (verdict: Outcome['verdict'], finding: Finding): Outcome => ({
  verdict,
  finding,
  metrics,
  absent: absentRest(icmp.metrics, metrics, 'no_responder'),
  samples: { rtts_ms: [1, 2, 3, null, null] },
  stamps: { kernel: 3, process: 0 },
  detail: {},
});

test.each(['local_resource', 'local_network', 'permission'] as const)(
  'a run with the cause %s on the agent’s side keeps what was sent and what was answered',
  (cause) => {
    const outcome = withoutSilence(icmp, outcomeOf('unknown', { cause, side: 'agent', operation: 'echo' }));
    expect(outcome.metrics).toEqual({ sent: 5, rtt_avg_ms: 2 });
    expect(outcome.absent).toMatchObject({ received: 'run_failed', loss_pct: 'run_failed', mos: 'run_failed' });
    expect(Object.values(outcome.absent)).not.toContain('no_responder');
    expect(outcome.samples).toEqual({ rtts_ms: [1, 2, 3] });
    expect(faultsOf(icmp, outcome)).toEqual([]);
  },
);

test.each(['target', 'path', 'resolver'] as const)('a fault on the side %s keeps all figures', (side) => {
  const outcome = outcomeOf('degraded', { cause: 'loss', side, operation: 'echo' });
  expect(withoutSilence(icmp, outcome)).toBe(outcome);
});

test('a fault on the agent’s side makes a degraded run unknown, also without evidence', async () => {
  const outcome = outcomeOf('degraded', { cause: 'local_network', side: 'agent', operation: 'send' });
  expect((await attribute(outcome, undefined)).verdict).toBe('unknown');
});

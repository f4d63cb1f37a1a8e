import { LAB_ADDRESSES, type Lab, openLab } from '@netsonde/lab';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { openProber, type Prober } from '../run/run-in-host.test-support.ts';
import { tls } from './descriptor.ts';

let lab: Lab;
let prober: Prober;

beforeAll(async () => {
  lab = await openLab({ services: [{ kind: 'tls' }, { kind: 'tls', maxVersion: 'TLSv1.2' }] });
  prober = openProber(lab.measuring);
});
afterAll(async () => {
  await prober?.close();
  await lab?.close();
});

/** TLS 1.3 takes one round trip (RFC 8446 section 2), TLS 1.2 two (RFC 5246 section 7.3). */
test.each([
  [0, 20, 1],
  [0, 60, 1],
  [1, 20, 2],
  [1, 60, 2],
])('service %d over %d ms there and back takes %d round trips', async (index, rtt, roundTrips) => {
  await lab.setPath({ forward: { delayMs: rtt / 2 }, backward: { delayMs: rtt / 2 } });
  const { port, rootPem } = lab.running.facts[index] ?? {};
  const run = () => prober.run('tls', `${LAB_ADDRESSES.services4}:${port}`, { ca: rootPem });
  let execution = await run();
  for (let left = 3; left > 0 && execution.stalledMs > 0; left--) execution = await run();
  const { outcome } = execution;
  expect(faultsOf(tls, outcome)).toEqual([]);
  expect(outcome.verdict).toBe('up');
  const { connect_time_ms: connect, handshake_time_ms: handshake } = outcome.metrics;
  expect(Number(connect)).toBeGreaterThanOrEqual(rtt - 0.5);
  expect(Number(handshake)).toBeGreaterThanOrEqual(roundTrips * rtt - 0.5);
});

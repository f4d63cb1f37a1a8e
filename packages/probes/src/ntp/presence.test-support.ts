import type { NtpConfig } from '@netsonde/lab';
import { firstService, roundTripOf, type Stage } from '../presence/stage.test-support.ts';
import { near, type Shown, type Truth } from '../presence/truth.test-support.ts';

/** How late the server's process may read its clock, ms: that is in the delay, and half of it in the offset. */
const SERVER_MS = 400;
/** The server's precision and what clocks drift in an exchange, ms: they are in the bound too. */
const BEYOND_DELAY_MS = 2;
/** The short format counts in 65,536ths of a second. */
const SHORT_FORMAT_MS = 1000 / 65_536;

interface Served extends NtpConfig {
  readonly offsetMs: number;
  readonly stratum: number;
  readonly rootDelayMs: number;
  readonly rootDispersionMs: number;
  readonly leap: 0 | 1;
}

async function shown(stage: Stage, served: Served, rttMs: number, count: number, answered: number): Promise<Shown> {
  const lab = await stage.openLab({ path: roundTripOf(rttMs), services: [served] });
  const options = { count, intervalSeconds: 0.05, timeoutSeconds: 1.2 };
  const outcome = await stage.runOn(lab.measuring, 'ntp', firstService(lab), options);
  const { offsetMs, stratum, rootDelayMs, rootDispersionMs, leap } = served;
  const expects = {
    offset_ms: near(offsetMs, SERVER_MS),
    delay_ms: { least: rttMs, most: rttMs + SERVER_MS },
    offset_bound_ms: { least: rttMs / 2, most: (rttMs + SERVER_MS) / 2 + BEYOND_DELAY_MS },
    stratum,
    root_delay_ms: near(rootDelayMs, SHORT_FORMAT_MS),
    root_dispersion_ms: near(rootDispersionMs, SHORT_FORMAT_MS),
    leap,
    sent: count,
    received: answered,
  };
  return { outcome, expects };
}

export const ntpTruths: readonly Truth[] = [
  {
    made: 'a primary server an hour ahead, 20 ms away, that answers each request',
    show: (stage) =>
      shown(
        stage,
        { kind: 'ntp', offsetMs: 3_600_000, stratum: 1, rootDelayMs: 12.5, rootDispersionMs: 3, leap: 0 },
        20,
        4,
        4,
      ),
  },
  {
    made: 'a server of stratum 5, 250 ms behind and 500 ms away, that answers each second request',
    show: (stage) =>
      shown(
        stage,
        {
          kind: 'ntp',
          offsetMs: -250,
          stratum: 5,
          rootDelayMs: 250,
          rootDispersionMs: 62.5,
          leap: 1,
          dropEvery: 2,
        },
        500,
        6,
        3,
      ),
  },
];

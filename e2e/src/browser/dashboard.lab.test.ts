import { readFileSync } from 'node:fs';
import { type Capture, type CapturedPacket, echoesOf, type Lab, openLab } from '@netsonde/lab';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { closeAll } from '../support/close-all.ts';
import { readCsv } from '../support/csv.ts';
import { type Dashboard, openDashboard } from '../support/dashboard.test-support.ts';
import { createTest, setUpBy, textOf, until } from '../support/journeys.ts';

const COUNT = 5;
const ECHO_REQUEST = 8;
/** Each way, ms. */
const DELAY_MS = 12;
const TIMEOUT_MS = 400;
/** How far a figure may be from the wire's: far less than the delays that it must distinguish. */
const TOLERANCE_MS = 3;

let lab: Lab;
let capture: Capture;
let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  const direction = { delayMs: DELAY_MS, jitterMs: 4, lossPct: 8 };
  const seed = process.env.NETSONDE_TEST_SEED ?? '11';
  lab = await openLab({ seed, path: { forward: direction, backward: direction } });
  capture = await lab.capture('icmp');
  dashboard = await openDashboard({ agents: [{ name: 'measuring', labels: [] }], host: lab.measuring });
  page = dashboard.page;
});

afterAll(() => closeAll([() => dashboard?.close(), () => capture?.stop(), () => lab?.close()]));

interface LedgerAnswer {
  readonly rows: readonly { readonly outstanding: number; readonly stored: number }[];
}

async function ledger(): Promise<LedgerAnswer> {
  const id = page.url().split('/').at(-1);
  const text = await page.evaluate(`fetch('api/v1/ledger?test=${id}').then((answer) => answer.text())`);
  return JSON.parse(String(text)) as LedgerAnswer;
}

/** Round trips from kernel stamps at the measuring host's device, ms. Pauses of the lab do not affect them. */
function onTheWire(packets: readonly CapturedPacket[]): Map<string, number> {
  const left = new Map<string, bigint>();
  const rtts = new Map<string, number>();
  for (const { atNs, identity } of packets) {
    const echo = `${identity.sourceId} ${identity.destinationId}`;
    if (identity.icmpType === ECHO_REQUEST) left.set(echo, atNs);
    else rtts.set(echo, Number(atNs - (left.get(echo) ?? atNs)) / 1e6);
  }
  return rtts;
}

it('the dashboard shows live figures of the lab, and exports its true values', async () => {
  await setUpBy(page, dashboard);
  await createTest(page, dashboard, {
    name: 'Through the lab',
    probe: 'Ping',
    targets: [lab.services.address4],
    intervalSeconds: 1,
    options: { Count: String(COUNT), Interval: '0.05', Timeout: String(TIMEOUT_MS / 1000) },
  });
  const latest = page
    .getByRole('table', { name: 'Average round trip per agent and target' })
    .locator('tbody td')
    .first();
  const seen = new Set<string>();
  await until('the live figure has changed often', async () => {
    const text = await textOf(latest);
    if (/\d/.test(text)) seen.add(text);
    return seen.size >= 6;
  });
  expect([...seen].every((text) => text.endsWith(' ms') && Number.parseFloat(text) > 2 * (DELAY_MS - 4))).toBe(true);

  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Start' }).waitFor();
  await until('nothing is outstanding', async () =>
    (await ledger()).rows.every(({ outstanding }) => outstanding === 0),
  );
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV', exact: true }).click(),
  ]);
  const rows = readCsv(readFileSync(await download.path(), 'utf8'));
  const reported = rows.flatMap((row) => JSON.parse(row.rtts_ms ?? '[]') as (number | null)[]);
  expect(rows.length).toBeGreaterThan(5);

  await lab.settle();
  const echoes = echoesOf(await lab.truth()).filter(({ target }) => target === lab.services.address4);
  // A run that the stop interrupts has sent echoes, but has no result.
  expect(echoes.length - reported.length).toBeGreaterThanOrEqual(0);
  expect(echoes.length - reported.length).toBeLessThanOrEqual(COUNT);
  const wire = onTheWire(await capture.stop());
  const truth = echoes.slice(0, reported.length).map(({ id, sequence, request, repliesDelivered: [reply] }) => {
    const rtt = wire.get(`${id} ${sequence}`);
    expect(rtt === undefined, 'the capture has what the lab delivered, and no more').toBe(reply === undefined);
    const inTime = reply !== undefined && rtt !== undefined && rtt <= TIMEOUT_MS;
    return inTime ? { rtt, leastRtt: (request.requestedDelayNs + reply.requestedDelayNs) / 1e6 } : null;
  });
  expect(reported.map((rtt) => rtt === null)).toEqual(truth.map((echo) => echo === null));
  const far = reported.filter((rtt, place) => Math.abs((rtt ?? 0) - (truth[place]?.rtt ?? 0)) > TOLERANCE_MS);
  expect(far).toEqual([]);
  const short = reported.filter((rtt, place) => (rtt ?? 0) < (truth[place]?.leastRtt ?? 0));
  expect(short).toEqual([]);
  expect(rows.map((row) => Number(row.loss_pct))).toEqual(
    rows.map((_, run) => {
      const ofRun = truth.slice(run * COUNT, (run + 1) * COUNT);
      return (ofRun.filter((echo) => echo === null).length / COUNT) * 100;
    }),
  );
  expect(dashboard.complaints).toEqual([]);
});

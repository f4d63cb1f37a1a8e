import { readFileSync } from 'node:fs';
import { echoesOf, type Lab, openLab } from '@netsonde/lab';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OpenBrowser, openBrowser } from '../support/browser.ts';
import { readCsv } from '../support/csv.ts';
import { createTest, setUpBy, textOf, until } from '../support/journeys.ts';
import { type Stack, startStack } from '../support/stack.ts';

const COUNT = 5;
/** Each way, ms. */
const DELAY_MS = 12;
/** How far a single figure may be from the lab's: far less than the delays that it must tell apart. */
const TOLERANCE_MS = 3;

let lab: Lab;
let stack: Stack;
let browser: OpenBrowser;
let page: Page;

beforeAll(async () => {
  const direction = { delayMs: DELAY_MS, jitterMs: 4, lossPct: 8 };
  const seed = process.env.NETSONDE_TEST_SEED ?? '11';
  lab = await openLab({ seed, path: { forward: direction, backward: direction } });
  stack = await startStack({ agents: [{ name: 'measuring', labels: [] }], host: lab.measuring });
  browser = await openBrowser(lab.measuring);
  page = await browser.page();
});

afterAll(async () => {
  await browser?.close();
  await stack?.close();
  await lab?.close();
});

interface LedgerAnswer {
  readonly rows: readonly { readonly outstanding: number; readonly stored: number }[];
}

async function ledger(): Promise<LedgerAnswer> {
  const id = page.url().split('/').at(-1);
  const text = await page.evaluate(`fetch('api/v1/ledger?test=${id}').then((answer) => answer.text())`);
  return JSON.parse(String(text)) as LedgerAnswer;
}

it('measures the lab, live on screen, and exports what the lab knows to be true', async () => {
  await setUpBy(page, stack);
  await createTest(page, stack, {
    name: 'Through the lab',
    probe: 'Ping',
    targets: [lab.services.address4],
    intervalSeconds: 1,
    options: { Count: String(COUNT), Interval: '0.05', Timeout: '0.4' },
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
  // A run that the stop has cut short has sent echoes, but has no result.
  expect(echoes.length - reported.length).toBeGreaterThanOrEqual(0);
  expect(echoes.length - reported.length).toBeLessThanOrEqual(COUNT);
  const truth = echoes
    .slice(0, reported.length)
    .map(({ request, repliesDelivered: [reply] }) =>
      reply === undefined ? null : Number(reply.writtenAtNs - request.readAtNs) / 1e6,
    );
  expect(reported.map((rtt) => rtt === null)).toEqual(truth.map((rtt) => rtt === null));
  const far = reported.filter((rtt, place) => Math.abs((rtt ?? 0) - (truth[place] ?? 0)) > TOLERANCE_MS);
  expect(far).toEqual([]);
  expect(rows.map((row) => Number(row.loss_pct))).toEqual(
    rows.map((_, run) => {
      const ofRun = truth.slice(run * COUNT, (run + 1) * COUNT);
      return (ofRun.filter((rtt) => rtt === null).length / COUNT) * 100;
    }),
  );
  expect(browser.complaints).toEqual([]);
});

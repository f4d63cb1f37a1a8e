import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCsv } from '../support/csv.ts';
import { type Dashboard, openDashboard } from '../support/dashboard.test-support.ts';
import { ADMIN, createTest, setUpBy, textOf, until } from '../support/journeys.ts';

let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  dashboard = await openDashboard({
    agents: [
      { name: 'alpha', labels: ['site=east'] },
      { name: 'beta', labels: ['site=west'] },
    ],
  });
  page = dashboard.page;
});

afterAll(() => dashboard?.close());

const latestOf = (metric: string) =>
  page
    .getByRole('table', { name: `${metric} per agent and target` })
    .locator('tbody tr')
    .first()
    .locator('td')
    .first();

it('the set-up link creates the first admin, and works once', async () => {
  await setUpBy(page, dashboard);
  await page.getByText('2 of 2', { exact: true }).waitFor();
  await page.getByRole('region', { name: 'Make your first test' }).getByRole('link', { name: 'New test' }).waitFor();
  await page.goto(dashboard.setupLink);
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
});

it('the form shows errors at its fields, and creates nothing', async () => {
  await page.goto(`${dashboard.url}/tests/new`);
  await page.getByLabel(/^Targets/).fill('http://[::1');
  await page.getByRole('button', { name: 'Create and start' }).click();
  expect(await page.getByLabel(/^Name/).getAttribute('aria-invalid')).toBe('true');
  const described = await page.getByLabel(/^Targets/).getAttribute('aria-describedby');
  const messages = await Promise.all((described ?? '').split(' ').map((id) => textOf(page.locator(`[id="${id}"]`))));
  expect(messages.join(' ')).toContain('Line 1: ');
  await page.goto(`${dashboard.url}/tests`);
  await page.getByText('There are no tests yet').waitFor();
});

it('a test created from the declared options shows a live chart', async () => {
  await createTest(page, dashboard, {
    name: 'Loopback',
    probe: 'Ping',
    targets: ['127.0.0.1 place=here', '127.0.0.2'],
    intervalSeconds: 1,
    options: { Count: '3', Interval: '0.05' },
  });
  await page.getByText('Live', { exact: true }).waitFor();
  const latest = latestOf('Average round trip');
  await until('the first round trip is drawn', async () => /\d/.test(await textOf(latest)));
  // Charts of single results are read again once a minute only. What changes sooner was sent by the live stream.
  const seen = new Set<string>();
  await until('the live figure has changed three times', async () => seen.add(await textOf(latest)).size > 3, 15_000);
  expect([...seen].every((text) => /^[\d.]+ (µs|ms|ns)$/.test(text))).toBe(true);
});

it('a chart shows the figure under the crosshair', async () => {
  const chart = page.getByRole('group', { name: /^Average round trip over/ });
  await chart.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  const table = page.getByRole('table', { name: 'Average round trip per agent and target' });
  await until('the column is headed by a time', async () => /\d:\d\d:\d\d/.test(await textOf(table.locator('thead'))));
  await chart.blur();
});

it('a user can show any metric that the probe declares, and hide a chart', async () => {
  const region = page.getByRole('region', { name: 'Ping' });
  await region.getByLabel(/^Show another metric/).selectOption({ label: 'Sent' });
  await region.getByRole('heading', { name: 'Sent' }).waitFor();
  await until('its figures have come', async () => (await textOf(latestOf('Sent'))) === '3');
  await region.getByRole('button', { name: 'Hide the chart of Sent' }).click();
  await until('it is gone', async () => (await region.getByRole('heading', { name: 'Sent' }).count()) === 0);
});

it('one result shows every metric, measured or absent, and its samples', async () => {
  await page
    .getByRole('region', { name: 'Results' })
    .getByRole('button', { name: /^Details/ })
    .first()
    .click();
  const drawer = page.getByRole('dialog', { name: 'One result' });
  await drawer.getByRole('heading', { name: 'Metrics' }).waitFor();
  const text = await textOf(drawer);
  expect(text).toContain('Timestamps');
  expect(text).toContain('Average round trip');
  await page.keyboard.press('Escape');
  await until('it is closed', async () => (await drawer.count()) === 0);
});

it('a stopped test exports what it stored', async () => {
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('button', { name: 'Start' }).waitFor();
  // Runs that are due within a moment of the stop are still measured.
  const settledMs = Date.now() + 1000;
  await until('nothing is outstanding', async () => Date.now() > settledMs && (await ledgerOutstanding()) === 0);
  const download = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV', exact: true }).click(),
  ]);
  const rows = readCsv(readFileSync(await download[0].path(), 'utf8'));
  const stored = JSON.parse(await get('export.json')) as {
    metrics: Record<string, number>;
    samples: { rtts_ms: (number | null)[] };
  }[];
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.length).toBe(stored.length);
  // A CSV gives times to 1 ns, without the noise of binary fractions.
  const toNs = (ms = Number.NaN) => Math.round(ms * 1e6) / 1e6;
  expect(rows.map((row) => Number(row.rtt_avg_ms))).toEqual(stored.map(({ metrics }) => toNs(metrics.rtt_avg_ms)));
  expect(rows.map((row) => JSON.parse(row.rtts_ms ?? 'null'))).toEqual(stored.map(({ samples }) => samples.rtts_ms));
  expect(new Set(rows.map(({ address }) => address))).toEqual(new Set(['127.0.0.1', '127.0.0.2']));
});

/** Reads a path below this test's own, with the page's session. */
function get(path: string): Promise<string> {
  const address = page.url().replace('/tests/', '/api/v1/tests/');
  return page.evaluate(
    `fetch(${JSON.stringify(`${address}/${path}`)}).then((answer) => answer.text())`,
  ) as Promise<string>;
}

async function ledgerOutstanding(): Promise<number> {
  const id = page.url().split('/').at(-1);
  const text = (await page.evaluate(`fetch('api/v1/ledger?test=${id}').then((answer) => answer.text())`)) as string;
  const { rows } = JSON.parse(text) as { rows: { outstanding: number }[] };
  return rows.reduce((sum, { outstanding }) => sum + outstanding, 0);
}

it('the form of an existing test shows the stored values', async () => {
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('heading', { name: 'Edit Loopback' }).waitFor();
  expect(await page.getByLabel(/^Targets/).inputValue()).toBe('127.0.0.1 place=here\n127.0.0.2');
  await page.getByLabel(/^Name/).fill('Loopback again');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Loopback again', level: 1 }).waitFor();
});

it('the page shows why a target is down, with the log of the run', async () => {
  await createTest(page, dashboard, {
    name: 'Refused',
    probe: 'TCP connection',
    targets: ['127.0.0.1:1'],
    intervalSeconds: 1,
  });
  const results = page.getByRole('region', { name: 'Results' });
  await results.getByText('Connection refused').first().waitFor();
  await results
    .getByRole('button', { name: /^Details/ })
    .first()
    .click();
  await page.getByRole('dialog').getByRole('heading', { name: "The run's own log" }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText(/metrics are absent in the newest results/).click();
  await page.getByText('the run failed before it could be measured').first().waitFor();
});

it('the agents page shows what agents can do, and their ledger', async () => {
  await page.getByRole('link', { name: 'Agents' }).click();
  await page.getByRole('link', { name: 'alpha' }).click();
  await page.getByRole('heading', { name: 'alpha', level: 1 }).waitFor();
  await page.getByText('What it can measure').waitFor();
  await page.getByText(/^[\d,]+ expected = [\d,]+ stored \+ /).waitFor();
});

it('creating an enrolment token shows the command that uses it', async () => {
  await page.goto(`${dashboard.url}/agents`);
  await page.getByRole('button', { name: 'Add an agent' }).click();
  await page.getByRole('button', { name: 'Make a token' }).click();
  const command = await page.getByLabel('Command that starts the agent').inputValue();
  expect(command).toMatch(new RegExp(`^npx netsonde agent --server ${dashboard.url} --token nse1\\.`));
  await page.getByRole('button', { name: 'Done' }).click();
});

it('a user can sign out and in again', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel(/^User name/).fill(ADMIN.username);
  await page.getByLabel(/^Password/).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel(/^Password/).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: /Agents|Overview/ }).waitFor();
});

it('no page logged a policy violation or another error', () => {
  expect(dashboard.complaints).toEqual([]);
});

it('a page that is no longer live says so, and keeps its content', async () => {
  await page.goto(`${dashboard.url}/tests/1`);
  const badge = page.getByRole('status').filter({ hasText: /Live|Reconnecting/ });
  await until('it is live', async () => (await textOf(badge)) === 'Live');
  await dashboard.stop();
  await until('it says that it reconnects', async () => (await textOf(badge)) === 'Reconnecting');
  await page.getByRole('heading', { name: 'Loopback again', level: 1 }).waitFor();
});

import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCsv } from '../support/csv.ts';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { createTest, textOf, until } from '../support/journeys.ts';

/** Only this suite knows the probe `uptime`. The dashboard reads it from its declaration. */
let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  const probes = [new URL('../support/uptime-probe.mjs', import.meta.url)];
  dashboard = await openDashboardAsAdmin({ agents: [{ name: 'alpha', labels: [] }], probes });
  page = dashboard.page;
});

afterAll(() => dashboard?.close());

it('the form has the options of a new probe, with units, bounds and folded options', async () => {
  await page.goto(`${dashboard.url}/tests/new`);
  await page.getByLabel('Check 1: probe').selectOption({ label: 'Time since boot' });
  const check = page.getByRole('group', { name: 'Check 1' });
  const text = await textOf(check);
  expect(text).toContain('Reads how long the host of the agent has been up');
  expect(text).toContain('What the time is multiplied by (0.5 to 10 times)');
  expect(await check.getByLabel('Remark').isVisible()).toBe(false);
  await check.getByText('1 more options').click();
  expect(await check.getByLabel('Remark').inputValue()).toBe('none');
  expect(await textOf(check.getByLabel('Kernel file'))).toBe('/proc/uptime/proc/missing');
});

it('the metric of a new probe is charted live in its unit, and absences are shown', async () => {
  await createTest(page, dashboard, {
    name: 'Uptime',
    probe: 'Time since boot',
    targets: ['127.0.0.1'],
    intervalSeconds: 1,
    options: { Factor: '2' },
  });
  const latest = page.getByRole('table', { name: 'Up for per agent and target' }).locator('tbody td').first();
  await until('a time since boot is drawn', async () => / (s|min|h)$/.test(await textOf(latest)));
  await page.getByText('1 metric is absent in the newest results').click();
  await page.getByText('there is no such device').waitFor();
});

it('the export has the columns of a new probe, with the true values of the kernel', async () => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'CSV', exact: true }).click(),
  ]);
  const [row] = readCsv(readFileSync(await download.path(), 'utf8'));
  const seconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
  expect(row?.kernel_release).toBe(release());
  expect(Number(row?.uptime_s) / 2).toBeGreaterThan(seconds - 60);
  expect(Number(row?.uptime_s) / 2).toBeLessThanOrEqual(seconds);
  expect(row?.absent).toBe('battery_pct=no_device');
});

it('a failed run of a new probe shows why it failed', async () => {
  await createTest(page, dashboard, {
    name: 'Missing',
    probe: 'Time since boot',
    targets: ['127.0.0.1'],
    intervalSeconds: 1,
  });
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Kernel file').selectOption('/proc/missing');
  await page.getByRole('button', { name: 'Save' }).click();
  const results = page.getByRole('region', { name: 'Results' });
  await results.getByLabel('Verdict').selectOption('unknown');
  await results
    .getByText(/A fault in the agent/)
    .first()
    .waitFor();
  await results
    .getByRole('button', { name: /^Details/ })
    .first()
    .click();
  await page
    .getByRole('dialog')
    .getByText(/ENOENT/)
    .first()
    .waitFor();
});

it('no page logged a policy violation or another error', () => {
  expect(dashboard.complaints).toEqual([]);
});

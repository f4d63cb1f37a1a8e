import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { callApi, textOf } from '../support/journeys.ts';

const DAY_MS = 86_400_000;

let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  dashboard = await openDashboardAsAdmin();
  page = dashboard.page;
});

afterAll(() => dashboard?.close());

interface Stored {
  readonly id: number;
  readonly state: string;
  readonly startAt: string;
}

let test: Stored;

/** Each has its own test that starts tomorrow, at an odd second. */
beforeEach(async () => {
  const startAt = new Date(Math.floor((Date.now() + DAY_MS) / 60_000) * 60_000 + 23_000).toISOString();
  test = (await callApi(page, 'POST', 'tests', {
    name: 'Tomorrow',
    targets: [{ address: '127.0.0.1' }],
    checks: [{ probe: 'icmp' }],
    agents: { by: 'any', count: 1 },
    interval: 1,
    startAt,
  })) as Stored;
});

const stored = () => callApi(page, 'GET', `tests/${test.id}`) as Promise<Stored>;
const row = (): Locator =>
  page
    .getByRole('table', { name: 'Tests' })
    .locator('tbody tr')
    .filter({ has: page.locator(`a[href$="/tests/${test.id}"]`) });
const starts = () => page.getByLabel('Starts', { exact: true });

async function edit(): Promise<void> {
  await page.goto(`${dashboard.url}/tests/${test.id}/edit`);
  await page.getByRole('button', { name: 'Save' }).waitFor();
}

async function saved(): Promise<Stored> {
  await page.getByRole('heading', { name: 'Tomorrow', level: 1, exact: true }).waitFor();
  return stored();
}

it('a scheduled test is started early, or stopped, from the list', async () => {
  await page.goto(`${dashboard.url}/tests`);
  await row().getByRole('button', { name: 'Stop Tomorrow' }).waitFor();
  await row().getByRole('button', { name: 'Start now Tomorrow' }).click();
  await row().getByText('Running', { exact: true }).waitFor();
  expect((await stored()).state).toBe('running');
  await row().getByRole('button', { name: 'Stop Tomorrow' }).click();
  await row().getByText('Stopped', { exact: true }).waitFor();
  await row().getByRole('button', { name: 'Start Tomorrow' }).waitFor();
  expect(
    await row()
      .getByRole('button', { name: /Start now|Stop/ })
      .count(),
  ).toBe(0);
});

it('a scheduled test is started early, or stopped, on its page', async () => {
  await page.goto(`${dashboard.url}/tests/${test.id}`);
  await page.getByRole('button', { name: 'Start now', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
  expect((await stored()).state).toBe('running');
});

it('an edit that does not touch the start keeps it, to the second', async () => {
  await edit();
  await page.getByLabel('Description').fill('another');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  expect(await saved()).toMatchObject({ state: 'scheduled', startAt: test.startAt });
});

it('emptying the start starts the test at once, and the form says so before', async () => {
  await edit();
  expect(await starts().inputValue()).not.toBe('');
  await starts().fill('');
  await page.getByText('Empty: it starts at once when it is saved').waitFor();
  await page.getByRole('button', { name: 'Save and start' }).click();
  expect((await saved()).state).toBe('running');
});

it('the form of a running test has no start, and an edit does not start a stopped test', async () => {
  await callApi(page, 'POST', `tests/${test.id}/start`);
  await edit();
  expect(await page.getByLabel(/^Starts/).count()).toBe(0);
  await callApi(page, 'POST', `tests/${test.id}/stop`);
  await edit();
  expect(await page.getByLabel('Starts again').inputValue()).toBe('');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  expect((await saved()).state).toBe('stopped');
});

it('the form refuses a start in the past, at its field', async () => {
  await edit();
  await starts().fill('2020-01-01T00:00');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page
    .getByText(/^This time has passed/)
    .first()
    .waitFor();
  expect((await stored()).startAt).toBe(test.startAt);
});

it('verdicts are called current only while a test runs', async () => {
  await callApi(page, 'POST', `tests/${test.id}/start`);
  await page.goto(`${dashboard.url}/tests`);
  await row().getByRole('img', { name: '1 up' }).waitFor();
  expect(await textOf(row())).not.toContain('last verdicts');
  await callApi(page, 'POST', `tests/${test.id}/stop`);
  await row().getByText('last verdicts').waitFor();
  await page.goto(`${dashboard.url}/tests/${test.id}`);
  await page.getByRole('region', { name: 'Last verdicts' }).waitFor();
});

it('the page opens with a window that contains several runs of a slow check', async () => {
  for (const [interval, label] of [
    [1, '5 min'],
    [60, '1 h'],
    [900, '24 h'],
  ] as const) {
    const { id } = (await callApi(page, 'POST', 'tests', {
      name: `Every ${interval} s`,
      targets: [{ address: '127.0.0.1' }],
      checks: [{ probe: 'icmp' }],
      agents: { by: 'any', count: 1 },
      interval,
    })) as Stored;
    await page.goto(`${dashboard.url}/tests/${id}`);
    const chosen = page
      .getByRole('radiogroup', { name: 'Time shown' })
      .getByRole('radio', { name: label, exact: true });
    await chosen.waitFor({ state: 'attached' });
    expect(await chosen.isChecked(), label).toBe(true);
  }
});

it('no page logged a policy violation or another error', () => {
  expect(dashboard.complaints).toEqual([]);
});

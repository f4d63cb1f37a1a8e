import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { callApi, textOf, until } from '../support/journeys.ts';

let dashboard: Dashboard;
let test: number;
const DENIED = '127.0.0.3';

beforeAll(async () => {
  dashboard = await openDashboardAsAdmin({ agents: [{ name: 'alpha', labels: [], deny: [`${DENIED}/32`] }] });
  const made = await callApi(dashboard.page, 'POST', 'tests', {
    name: 'Denied',
    targets: [{ address: DENIED }],
    checks: [{ probe: 'icmp', options: { count: 1, timeoutSeconds: 1 } }],
    agents: { by: 'any', count: 1 },
    // It waits for longer than a page takes to open on a busy machine.
    interval: 5,
    duration: null,
  });
  test = (made as { id: number }).id;
});
afterAll(() => dashboard?.close());

const WHY = new RegExp(`Refused by the agent's policy: ${DENIED} is refused by this agent's owner`);

it('a series that was never measured waits, and is then unknown with its reason on the page of its test', async () => {
  const { page } = dashboard;
  await page.goto(`${dashboard.url}/tests/${test}`);
  await page.getByRole('link', { name: '1 waiting for the first result' }).waitFor();
  await page.getByRole('link', { name: '1 unknown' }).waitFor({ timeout: 60_000 });
  const results = page.getByRole('region', { name: 'Results' });
  await results
    .getByText(/^(All \d+ due runs were|The due run was) missed: refused by the agent's policy\.$/)
    .waitFor({ timeout: 60_000 });
  await results.getByText(WHY).waitFor();
  await page.getByRole('region', { name: 'Ping' }).getByText(WHY).waitFor();
});

it('each number of verdicts leads to the list of its series, with who, since when and why', async () => {
  const { page } = dashboard;
  await page.goto(dashboard.url);
  const link = page.getByRole('region', { name: 'Verdicts' }).getByRole('link', { name: '1 unknown' });
  await link.focus();
  await page.keyboard.press('Enter');
  const row = page.getByRole('table', { name: 'Series' }).locator('tbody tr').first();
  await until('the list has its reason', async () => WHY.test(await textOf(row)));
  expect(await textOf(row)).toMatch(/127\.0\.0\.3.*Unknown.*alpha.*Denied/);
  expect(await textOf(row)).toMatch(/\d\d:\d\d:\d\d \(.*\d+ (s|min)/);
  await page.getByRole('link', { name: '0 down' }).click();
  await page.getByText('No series is down now').waitFor();
  await page.goto(`${dashboard.url}/agents/1`);
  await page.getByRole('region', { name: 'Verdicts' }).getByRole('link', { name: '1 unknown' }).waitFor();
});

it.each([1440, 390])('an explanation opens by key beside what it explains, at %d pixels', async (width) => {
  const { page } = dashboard;
  await page.setViewportSize({ width, height: 844 });
  const made = await callApi(page, 'POST', 'tests', {
    name: 'Closed',
    targets: [{ address: '127.0.0.1:1' }],
    checks: [{ probe: 'tcp' }],
    agents: { by: 'any', count: 1 },
    interval: 1,
    duration: null,
  });
  await page.goto(`${dashboard.url}/tests/${(made as { id: number }).id}`);
  const hint = page.getByRole('button', { name: /^\d+×\s*: why\?$/ }).first();
  await hint.waitFor({ timeout: 60_000 });
  await hint.focus();
  await page.keyboard.press('Enter');
  const words = page.getByRole('dialog');
  await words.waitFor();
  expect(await textOf(words)).toMatch(/^\d+× /);
  const [at, from] = [await words.boundingBox(), await hint.boundingBox()];
  if (at === null || from === null) throw new Error('the explanation is not on the page');
  expect(Math.abs(at.y - from.y)).toBeLessThan(at.height + from.height + 20);
  expect(at.x).toBeGreaterThanOrEqual(0);
  expect(at.x + at.width).toBeLessThanOrEqual(width);
  await page.keyboard.press('Escape');
  await words.waitFor({ state: 'hidden' });
});

it('the list of series does not scroll sideways on a narrow screen', async () => {
  const { page } = dashboard;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${dashboard.url}/series`);
  await page.getByText(WHY).waitFor();
  const over = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  expect(over).toBeLessThanOrEqual(0);
  expect(dashboard.complaints).toEqual([]);
});

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { ADMIN, callApi, signIn } from '../support/journeys.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Set to keep pictures of the pages there. */
const { NETSONDE_PICTURES: pictures } = process.env;

let dashboard: Dashboard;
let test: number;

beforeAll(async () => {
  dashboard = await openDashboardAsAdmin();
  const made = await callApi(dashboard.page, 'POST', 'tests', {
    name: 'Seen by a wrong clock',
    targets: [{ address: '127.0.0.1' }],
    checks: [{ probe: 'icmp', options: { count: 1 } }],
    agents: { by: 'any', count: 1 },
    interval: 0.5,
  });
  test = (made as { id: number }).id;
}, 120_000);
afterAll(() => dashboard?.close());

/** Shifts the wall clock of a page, and nothing else: timers and the steady clock go on. */
const shift = (offMs: number): string => `{
  const Real = Date;
  globalThis.shiftedMs = ${offMs};
  globalThis.Date = class extends Real {
    constructor(...args) { super(...(args.length === 0 ? [Real.now() + globalThis.shiftedMs] : args)); }
    static now() { return Real.now() + globalThis.shiftedMs; }
  };
}`;

async function pageOff(offMs: number, colorScheme: 'light' | 'dark', width = 1440): Promise<Page> {
  const page = await dashboard.newPage({
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    colorScheme,
    viewport: { width, height: 900 },
  });
  await page.addInitScript(shift(offMs));
  await signIn(page, dashboard, ADMIN);
  return page;
}

const picture = async (page: Page, name: string): Promise<void> => {
  if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}.png` });
};
const latest = (page: Page) =>
  page.getByRole('table', { name: 'Average round trip per agent and target' }).locator('tbody td').first();

it.each([
  ['10 minutes behind', -10 * MINUTE_MS, /about 10 min behind the server/, 'light', 1440],
  ['a day ahead', DAY_MS, /about 1 d ahead of the server/, 'dark', 390],
] as const)(
  'a page whose clock is %s shows the same as one with a right clock',
  async (name, offMs, words, scheme, width) => {
    const page = await pageOff(offMs, scheme, width);
    await page.goto(`${dashboard.url}/tests/${test}`);
    await page.getByText(words).waitFor();
    await expect.poll(() => latest(page).textContent(), { timeout: 20_000 }).toMatch(/^[\d.]+ (µs|ms|ns)$/);
    const results = page.getByRole('table', { name: 'Results' });
    await expect.poll(() => results.locator('tbody time').count(), { timeout: 20_000 }).toBeGreaterThan(2);
    const shown = String(await results.locator('tbody time').first().textContent());
    expect(shown, 'of today, without a date or a warning').toMatch(/^\d\d:\d\d:\d\d$/);
    const title = String(await results.locator('tbody time').first().getAttribute('title'));
    expect(title).toMatch(/ (CET|CEST)$/);
    await page
      .getByText(/^Times are in CES?T$/)
      .first()
      .waitFor();
    await picture(page, `test-${name.replaceAll(' ', '-')}`);
    await page.goto(`${dashboard.url}/agents`);
    const row = page.getByRole('row').filter({ hasText: 'alpha' });
    await expect.poll(() => row.textContent()).toMatch(/just now|\d s ago/);
    expect(await row.textContent()).not.toMatch(/ d ago|in \d/);
    await picture(page, `agents-${name.replaceAll(' ', '-')}`);
    await page.context().close();
  },
);

it('a page goes on with the server’s time when its clock is set while it is open', async () => {
  const page = await pageOff(0, 'light');
  const note = page.getByText(/clock is about/);
  expect(await note.count()).toBe(0);
  await page.evaluate(`globalThis.shiftedMs = ${-10 * MINUTE_MS}`);
  await page.getByText(/about 10 min behind the server/).waitFor();
  await page.evaluate('globalThis.shiftedMs = 0');
  await expect.poll(() => note.count()).toBe(0);
  await page.context().close();
});

it('a form says in which zone its start is read, also in the hour that occurs twice', async () => {
  const page = await pageOff(0, 'light');
  await page.goto(`${dashboard.url}/tests/new`);
  const start = page.getByLabel('Starts', { exact: true });
  await page.getByText(/^Empty: at once\. In CES?T$/).waitFor();
  await start.fill('2991-07-03T04:05');
  await page.getByText('3 Jul 2991, 04:05:00 CEST').waitFor();
  await start.fill('2991-12-03T04:05');
  await page.getByText('3 Dec 2991, 04:05:00 CET').waitFor();
  await picture(page, 'form');
  await page.context().close();
});

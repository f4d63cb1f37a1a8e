import type { Locator, Request } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { ADMIN, callApi, signIn } from '../support/journeys.ts';

const HOUR_MS = 3_600_000;
/** The journeys wait for conditions, each of which has a limit of its own. */
const JOURNEY = { timeout: 180_000 };

let dashboard: Dashboard;
let test: number;

beforeAll(async () => {
  dashboard = await openDashboardAsAdmin();
});
afterAll(() => dashboard?.close());

/** Each journey has its own test, with results already. One series: no two of its results are of the same instant. */
beforeEach(async () => {
  const made = await callApi(dashboard.page, 'POST', 'tests', {
    name: 'Read me',
    targets: [{ address: '127.0.0.1' }],
    checks: [{ probe: 'icmp', options: { count: 1 } }],
    agents: { by: 'any', count: 1 },
    interval: 0.25,
  });
  test = (made as { id: number }).id;
  await dashboard.page.mouse.move(0, 0);
  await dashboard.page.goto(`${dashboard.url}/tests/${test}`);
  await expect.poll(() => rows().count(), { timeout: 30_000 }).toBeGreaterThan(5);
}, 120_000);

const buttonOfRow = { name: /^Details/ } as const;
/** Rows with a result. Until it is there, a row is empty. */
const rows = () =>
  dashboard.page
    .getByRole('table', { name: 'Results' })
    .locator('tbody tr')
    .filter({ has: dashboard.page.getByRole('button', buttonOfRow) });
const details = () => rows().first().getByRole('button', buttonOfRow);
const newResults = () => dashboard.page.getByRole('button', { name: /^\d+ new results?$/ });
const focused = () => dashboard.page.locator(':focus');
const stored = async () =>
  ((await callApi(dashboard.page, 'GET', `tests/${test}`)) as { resultCount: number }).resultCount;

const timeOf = (row: Locator) => row.locator('time').getAttribute('datetime');

/** Stored results from an instant on, newest first. */
async function storedFrom(at: string | null): Promise<readonly { readonly at: string }[]> {
  const path = `tests/${test}/results?limit=1000&from=${at}`;
  return ((await callApi(dashboard.page, 'GET', path)) as { results: readonly { at: string }[] }).results;
}

/** Number of stored results that are newer than the list's first row. */
const newerThanList = async () => (await storedFrom(await timeOf(rows().first()))).length - 1;

/** Waits until the browser has the answer to a request, or has cancelled the request. */
const settled = (request: Request | undefined): Promise<Request> => {
  const isSame = (other: Request) => other === request;
  const { page } = dashboard;
  return Promise.race([page.waitForEvent('requestfinished', isSame), page.waitForEvent('requestfailed', isSame)]);
};

/** The first row, and its position on the page's screen. */
async function firstRow(): Promise<{ readonly text: string | null; readonly top: number | undefined }> {
  return { text: await rows().first().textContent(), top: (await rows().first().boundingBox())?.y };
}

/** Moves the focus into the list with the keyboard, which needs no place that stays the same while the page loads. */
async function beginToRead(): Promise<void> {
  await dashboard.page.getByLabel('Verdict', { exact: true }).focus();
  await dashboard.page.keyboard.press('Tab');
  expect(await details().and(focused()).count()).toBe(1);
}

/** Runs in the page. */
const toCentre = (element: { scrollIntoView(where: { block: 'center' }): void }) =>
  element.scrollIntoView({ block: 'center' });

/** Waits until this many more results are stored. */
async function moreStored(count: number): Promise<void> {
  const before = await stored();
  await expect.poll(stored, { timeout: 30_000 }).toBeGreaterThanOrEqual(before + count);
}

it('the list follows new results while nobody reads it, and is paused under the pointer', JOURNEY, async () => {
  const { page } = dashboard;
  const { text } = await firstRow();
  await expect.poll(async () => (await firstRow()).text, { timeout: 15_000 }).not.toBe(text);
  // Nothing may have to scroll under the pointer afterwards: the pointer would leave the list.
  await rows().first().evaluate(toCentre);
  await rows().first().hover({ timeout: 60_000 });
  const read = await firstRow();
  await newResults().waitFor();
  await moreStored(6);
  expect(await firstRow()).toEqual(read);
  expect(await page.getByRole('status').allTextContents()).toContain(
    'New results are available. Use the button above the table.',
  );
  await newResults().click();
  await expect.poll(async () => (await firstRow()).text).not.toBe(read.text);
  await page.mouse.move(0, 0);
  const { text: left } = await firstRow();
  await expect.poll(async () => (await firstRow()).text, { timeout: 15_000 }).not.toBe(left);
  await expect.poll(() => newResults().count()).toBe(0);
});

it(
  'an answer that was pending when the user began to read does not move the list, and its results are counted',
  JOURNEY,
  async () => {
    const { page } = dashboard;
    const ofTheList = ({ pathname, searchParams }: URL) =>
      pathname.endsWith('/results') && searchParams.get('limit') === '25';
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    onTestFinished(async () => {
      release();
      await page.unrouteAll({ behavior: 'ignoreErrors' });
    });
    let pending: Request | undefined;
    await page.route(ofTheList, async (route, request) => {
      pending = request;
      await held;
      await route.continue();
    });
    await expect.poll(() => pending).toBeDefined();
    const answered = settled(pending);
    await beginToRead();
    const read = await rows().allTextContents();
    release();
    await answered;
    await callApi(page, 'POST', `tests/${test}/stop`);
    await expect
      .poll(async () => ({ button: await newResults().textContent(), newer: await newerThanList() }))
      .toSatisfy(({ button, newer }) => newer > 0 && button === `${newer} new result${newer === 1 ? '' : 's'}`);
    expect(await rows().allTextContents()).toEqual(read);
    await newResults().press('Enter');
    await expect.poll(newerThanList).toBe(0);
    await expect.poll(() => newResults().count()).toBe(0);
  },
);

it(
  'the list is also paused for the keyboard, which reaches the new results and stays in the list',
  JOURNEY,
  async () => {
    const { page } = dashboard;
    await beginToRead();
    const read = await firstRow();
    await newResults().waitFor();
    expect(await firstRow()).toEqual(read);
    await page.keyboard.press('Shift+Tab');
    expect(await newResults().and(focused()).count()).toBe(1);
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await firstRow()).text).not.toBe(read.text);
    await page.keyboard.press('Tab');
    // Where more arrived meanwhile, their button is in front of the first row again.
    if ((await newResults().and(focused()).count()) === 1) await page.keyboard.press('Tab');
    expect(await details().and(focused()).count()).toBe(1);
  },
);

it('loading more adds older results, and new results are shown from the top again', JOURNEY, async () => {
  const { page } = dashboard;
  await expect.poll(() => rows().count(), { timeout: 60_000 }).toBe(25);
  await moreStored(4);
  const showMore = page.getByRole('button', { name: 'Show more' });
  await showMore.hover({ timeout: 60_000 });
  await newResults().waitFor();
  const read = await firstRow();
  await showMore.click();
  await expect.poll(() => rows().count()).toBeGreaterThan(25);
  expect((await firstRow()).text).toBe(read.text);
  await page.mouse.move(0, 0);
  await newResults().click();
  await expect.poll(() => rows().count()).toBe(25);
  expect((await firstRow()).text).not.toBe(read.text);
  await expect.poll(async () => (await firstRow()).top ?? -1).toBeGreaterThan(0);
});

it('a stopped test shows the time in which it measured, however long ago', JOURNEY, async () => {
  const { page, url } = dashboard;
  await callApi(page, 'POST', `tests/${test}/stop`);
  const later = await dashboard.newPage();
  await later.clock.install({ time: Date.now() + 30 * HOUR_MS });
  await signIn(later, dashboard, ADMIN);
  await later.goto(`${url}/tests/${test}`);
  await later.getByText(/^up to /).waitFor();
  await later
    .getByRole('group', { name: /over 5 min up to .*Arrow keys/ })
    .first()
    .waitFor();
  await expect.poll(() => later.getByRole('table', { name: 'Results' }).locator('tbody tr').count()).toBeGreaterThan(5);
  expect(await later.getByText('No results in this window').count()).toBe(0);
  await expect.poll(() => later.getByText(/^Coverage [\d.]+ ?%/).count()).toBeGreaterThan(0);
  await later.close();
});

it('no page logged an error', () => expect(dashboard.complaints).toEqual([]));

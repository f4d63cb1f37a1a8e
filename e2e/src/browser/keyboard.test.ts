import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { ADMIN, createTest, until } from '../support/journeys.ts';

let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  dashboard = await openDashboardAsAdmin();
  page = dashboard.page;
  await createTest(page, dashboard, { name: 'Loopback', probe: 'Ping', targets: ['127.0.0.1'], intervalSeconds: 1 });
});

afterAll(() => dashboard?.close());

interface Focused {
  readonly tag: string;
  readonly name: string;
  /** Whether the focus on the element is visible. */
  readonly visible: boolean;
}

const FOCUSED = `(() => {
  const element = document.activeElement;
  const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent ?? '';
  const shows = (one) => {
    const { outlineStyle, outlineWidth, borderColor, boxShadow } = getComputedStyle(one);
    const accent = getComputedStyle(document.documentElement).getPropertyValue('--mantine-primary-color-filled').trim();
    const probe = document.createElement('i');
    probe.style.color = accent;
    document.body.append(probe);
    const marked = borderColor === getComputedStyle(probe).color;
    probe.remove();
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1) || marked || boxShadow !== 'none';
  };
  const beside = element.matches('input') ? [element, ...element.parentElement.querySelectorAll('label, span')] : [element];
  return { tag: element.tagName, name: name.trim().slice(0, 60), visible: beside.some(shows) };
})()`;

const focused = () => page.evaluate(FOCUSED) as Promise<Focused>;

/** Presses Tab until the element with that name has the focus. */
async function tabTo(name: RegExp, most = 60): Promise<Focused> {
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press('Tab');
    const now = await focused();
    if (name.test(now.name)) return now;
  }
  throw new Error(`no ${name} within ${most} steps of the Tab key`);
}

it('a user can sign in by keyboard alone', async () => {
  const other = await dashboard.newPage();
  await other.goto(`${dashboard.url}/tests`);
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await other.keyboard.type(ADMIN.username);
  await other.keyboard.press('Tab');
  await other.keyboard.type(ADMIN.password);
  await other.keyboard.press('Enter');
  await other.getByRole('heading', { name: 'Tests', level: 1 }).waitFor();
  await other.context().close();
});

const PATHS = ['/', '/tests', '/tests/1', '/tests/1/edit', '/tests/new', '/agents', '/agents/1', '/settings'];

async function open(path: string): Promise<void> {
  await page.goto(`${dashboard.url}${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
}

it.each([1440, 390])(
  'at %i pixels, every page begins with a link past its frame, visible while it has the focus',
  async (width) => {
    await page.setViewportSize({ width, height: 844 });
    for (const path of PATHS) {
      await open(path);
      const skip = page.getByRole('button', { name: 'Skip to content' });
      const top = async () => (await skip.boundingBox())?.y ?? -1;
      expect(await top(), path).toBeLessThan(0);
      await page.keyboard.press('Tab');
      expect((await focused()).name, path).toBe('Skip to content');
      expect(await top(), path).toBeGreaterThanOrEqual(0);
      await page.keyboard.press('Enter');
      expect((await focused()).tag, path).toBe('MAIN');
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  },
);

it('after the skip link, Tab continues in the content', async () => {
  await open('/tests');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect((await tabTo(/./)).name).toBe('New test');
});

it('the heading of a missing page gets the focus', async () => {
  await open('/tests');
  await page.getByRole('link', { name: 'Agents' }).click();
  await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
  await until('the heading has the focus', async () => (await focused()).tag === 'H1');
});

it('every page shows where the focus is, at each Tab stop', async () => {
  for (const path of PATHS) {
    await open(path);
    const hidden = new Set<string>();
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press('Tab');
      const now = await focused();
      if (now.tag === 'BODY') break;
      if (!now.visible) hidden.add(`${now.tag} ${now.name}`);
    }
    expect([...hidden], path).toEqual([]);
  }
}, 120_000);

it('a dialog opens and closes by keyboard, keeps the focus inside and returns it afterwards', async () => {
  await page.goto(`${dashboard.url}/tests/1`);
  await page.getByRole('button', { name: 'Delete', exact: true }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Delete Loopback?' });
  await dialog.waitFor();
  for (let step = 0; step < 6; step += 1) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(`document.querySelector('[role="dialog"]').contains(document.activeElement)`)).toBe(
      true,
    );
  }
  await page.keyboard.press('Escape');
  await until('it is closed', async () => (await dialog.count()) === 0);
  await until('the focus is back', async () => (await focused()).name === 'Delete');
});

it('the arrow keys read a chart', async () => {
  const chart = page.getByRole('group', { name: /^Average round trip over/ });
  const spoken = page.locator('figure', { has: chart }).locator('[aria-live]');
  const latest = page
    .getByRole('table', { name: 'Average round trip per agent and target' })
    .locator('tbody td')
    .first();
  await until(
    'a round trip is drawn',
    async () => (await latest.count()) > 0 && /\d/.test((await latest.textContent()) ?? ''),
  );
  await chart.focus();
  await page.keyboard.press('End');
  await until('the figure is said', async () => /127\.0\.0\.1: .*\d/.test((await spoken.textContent()) ?? ''));
});

it('a test can be created by keyboard alone', async () => {
  await page.goto(`${dashboard.url}/tests/new`);
  await page.getByLabel(/^Name/).waitFor();
  await tabTo(/^Name/);
  await page.keyboard.type('By keys');
  await tabTo(/^Targets/);
  await page.keyboard.type('127.0.0.9');
  await tabTo(/^Create and start/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'By keys', level: 1 }).waitFor();
});

it('no page logged a policy violation or another error', () => {
  expect(dashboard.complaints).toEqual([]);
});

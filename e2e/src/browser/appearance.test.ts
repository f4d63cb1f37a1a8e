import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contrast, differenceFor, type Rgb, VISIONS } from '../support/colours.ts';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { ADMIN, callApi, createTest, signIn, until } from '../support/journeys.ts';

const PATHS = [
  '/',
  '/tests',
  '/tests/1',
  '/tests/1/edit',
  '/tests/2',
  '/tests/new',
  '/agents',
  '/agents/1',
  '/settings',
  '/nowhere',
];
const BASE = '/net/sonde';

let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  dashboard = await openDashboardAsAdmin({
    agents: [
      { name: 'an-agent-with-a-rather-long-name-of-its-own', labels: ['site=the-far-east', 'tier=edge'] },
      { name: 'beta', labels: [] },
    ],
    environment: { BASE_PATH: BASE },
  });
  page = dashboard.page;
  const targets = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  await createTest(page, dashboard, {
    name: 'A name that is rather long for a narrow screen',
    probe: 'Ping',
    targets,
    intervalSeconds: 1,
  });
  await createTest(page, dashboard, {
    name: 'Refused',
    probe: 'TCP connection',
    targets: ['127.0.0.1:1'],
    intervalSeconds: 1,
  });
  await callApi(page, 'POST', 'tests', {
    name: 'Long targets',
    targets: ['berlin', 'paris'].map((site) => ({
      address: `http://127.0.0.1:1/the/status/of/the/service/in/${site}?with=much&behind=the-site`,
    })),
    checks: [{ probe: 'http' }],
    agents: { by: 'any', count: 2 },
    interval: 1,
  });
  await until('results have come', async () => (await page.getByRole('button', { name: /^Details/ }).count()) > 0);
}, 120_000);

afterAll(() => dashboard?.close());

async function open(path: string, on = page): Promise<void> {
  await on.goto(`${dashboard.url}${path}`);
  await on
    .getByText(/^(Live|There is no such page)$/)
    .first()
    .waitFor();
  await on.locator('h1').waitFor();
  await on.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
}

/** A signed-in page with its own window size. */
async function pageOf(width: number, height: number): Promise<Page> {
  const another = await dashboard.newPage({ viewport: { width, height } });
  await signIn(another, dashboard, ADMIN);
  return another;
}

it('the dashboard works under a base path: pages, files and calls', async () => {
  expect(new URL(dashboard.url).pathname).toBe(BASE);
  await open('/tests/1');
  expect(new URL(page.url()).pathname).toBe(`${BASE}/tests/1`);
  await page.getByRole('link', { name: 'Agents' }).click();
  expect(new URL(page.url()).pathname).toBe(`${BASE}/agents`);
});

it.concurrent.each([390, 320])('no page scrolls sideways at %i pixels', { timeout: 120_000 }, async (width) => {
  const narrow = await pageOf(width, 844);
  const wide: string[] = [];
  for (const path of PATHS) {
    await open(path, narrow);
    const over = Number(
      await narrow.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    );
    if (over > 0) wide.push(`${path} by ${over} px`);
  }
  await narrow.close();
  expect(wide).toEqual([]);
});

/** Names of lines in the charts' legends and beside the strips: which parts are cut, and which of all are kept. */
const LINE_NAMES = `(() => {
  const isCut = (part) =>
    part.scrollWidth > part.clientWidth ||
    part.getBoundingClientRect().right > part.closest('[title]').getBoundingClientRect().right + 1;
  const parts = [...document.querySelectorAll('main [data-cut]')];
  const texts = (cut, found) => [...new Set(parts.filter((part) => part.dataset.cut === cut && found(part)).map((part) => part.textContent))];
  return {
    kept: texts('never', () => true).sort(),
    keptAndCut: texts('never', isCut),
    cut: texts('first', isCut).length > 0,
  };
})()`;

it.each([1440, 390])(
  'names of lines at %i pixels are cut, but not a short agent or what distinguishes them',
  { timeout: 120_000 },
  async (width) => {
    const another = await pageOf(width, 900);
    await open('/tests/3', another);
    await expect.poll(() => another.locator('main figure [data-cut]').count(), { timeout: 60_000 }).toBeGreaterThan(0);
    await expect
      .poll(() => another.evaluate(LINE_NAMES), { timeout: 60_000 })
      .toEqual({ kept: ['an', 'berlin', 'beta', 'paris'], keptAndCut: [], cut: true });
    await another.close();
  },
);

const NAMELESS = `[...document.querySelectorAll('input, select, textarea, button, a[href], [role="group"][tabindex]')]
  .filter((element) => element.type !== 'hidden' && element.checkVisibility() && !element.closest('[aria-hidden="true"]'))
  .filter((element) => {
    const named = element.getAttribute('aria-label') || element.getAttribute('aria-labelledby');
    const text = element.matches('button, a') ? element.textContent.trim() : '';
    return !named && text === '' && !(element.labels?.[0]?.textContent ?? '').trim();
  })
  .map((element) => element.outerHTML.slice(0, 120))`;

const STRUCTURE = `({
  headings: document.querySelectorAll('h1').length,
  mains: document.querySelectorAll('main').length,
  language: document.documentElement.lang,
  title: document.title,
  doubled: [...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, place, all) => all.indexOf(id) !== place),
  tablesWithoutCaption: [...document.querySelectorAll('table')].filter((table) => !table.caption?.textContent).length,
})`;

it.each(PATHS.slice(0, -1))('%s names every control and has one heading, one main part and a title', async (path) => {
  await open(path);
  expect(await page.evaluate(NAMELESS)).toEqual([]);
  expect(await page.evaluate(STRUCTURE)).toMatchObject({
    headings: 1,
    mains: 1,
    language: 'en',
    title: expect.stringMatching(/^.+ · Netsonde$/),
    doubled: [],
    tablesWithoutCaption: 0,
  });
});

/** Each layout shift that no key and no click caused: what moved, from where to where. */
const WATCH = `
  window.shift = 0;
  window.moved = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      window.shift += entry.value;
      for (const { node, previousRect, currentRect } of entry.sources)
        window.moved.push((node?.parentElement ?? node)?.textContent?.slice(0, 60) + ' ' + previousRect.y + ' to ' + currentRect.y);
    }
  }).observe({ type: 'layout-shift', buffered: true });`;

/** Cumulative layout shift (share of the screen times distance) that nobody notices. 0.1 is commonly called good. */
const STILL = 0.02;

/** How far a page moved while it loaded, and what moved; null where nothing moved. */
async function jumpOf(path: string, on: Page): Promise<string | null> {
  await open(path, on);
  await on.waitForTimeout(700);
  const shift = Number(await on.evaluate('window.shift'));
  return shift > STILL ? `${path}: ${shift.toFixed(3)}: ${await on.evaluate('window.moved.join("; ")')}` : null;
}

/** Delivers answers one by one, in the order of their calls or in reverse. */
async function delayAnswers(on: Page, order: 'oldest first' | 'newest first'): Promise<void> {
  let calls = 0;
  await on.route(
    (url) => url.pathname.startsWith(`${BASE}/api/`) && !url.pathname.endsWith('/live'),
    async (route) => {
      const place = calls % 6;
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, (order === 'oldest first' ? place : 5 - place) * 80));
      await route.continue();
    },
  );
}

it.concurrent.each([
  [1440, 'oldest first'],
  [390, 'newest first'],
] as const)(
  'nothing jumps while pages load at %i pixels, answers come %s',
  async (width, order) => {
    const watched = await pageOf(width, 900);
    await watched.addInitScript(WATCH);
    await delayAnswers(watched, order);
    const jumps: (string | null)[] = [];
    for (const path of PATHS) jumps.push(await jumpOf(path, watched));
    await watched.unrouteAll({ behavior: 'ignoreErrors' });
    await watched.close();
    expect(jumps.filter((jump) => jump !== null)).toEqual([]);
  },
  90_000,
);

const VERDICTS = ['up', 'degraded', 'down', 'unknown'] as const;

/** Colours by their variable names, as the browser computes them. */
async function colours(names: readonly string[]): Promise<Record<string, Rgb>> {
  const script = `(() => {
    const probe = document.createElement('i');
    document.body.append(probe);
    const found = Object.fromEntries(${JSON.stringify(names)}.map((name) => {
      probe.style.color = 'var(--ns-' + name + ')';
      return [name, getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map(Number)];
    }));
    probe.remove();
    return found;
  })()`;
  return (await page.evaluate(script)) as Record<string, Rgb>;
}

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  const names = [
    ...VERDICTS.flatMap((verdict) => [verdict, `${verdict}-text`, `${verdict}-soft`]),
    ...[
      'surface',
      'bg',
      'sunken',
      'text',
      'muted',
      'accent',
      'on-accent',
      'danger',
      'accent-text',
      'accent-soft',
      'border-strong',
    ],
  ];
  let found: Record<string, Rgb>;
  const of = (name: string): Rgb => found[name] ?? [0, 0, 0];

  beforeAll(async () => {
    await page.emulateMedia({ colorScheme: scheme });
    await open('/');
    expect(await page.evaluate('document.documentElement.dataset.mantineColorScheme')).toBe(scheme);
    found = await colours(names);
  });

  it('texts have a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)', () => {
    const pairs = [
      ...['surface', 'bg', 'sunken'].flatMap((ground) => ['text', 'muted', 'accent-text'].map((ink) => [ink, ground])),
      ...VERDICTS.flatMap((verdict) => [
        [`${verdict}-text`, 'surface'],
        [`${verdict}-text`, `${verdict}-soft`],
      ]),
      ['on-accent', 'accent'],
      ['on-accent', 'danger'],
      ['accent-text', 'accent-soft'],
    ];
    const poor = pairs.filter(([ink = '', ground = '']) => contrast(of(ink), of(ground)) < 4.5);
    expect(poor).toEqual([]);
  });

  it('shapes of verdicts and edges of fields stand out from their background', () => {
    const least = { up: 3, degraded: 2, down: 3, unknown: 3, 'border-strong': 3 };
    const poor = Object.entries(least).filter(([mark, ratio]) => contrast(of(mark), of('surface')) < ratio);
    expect(poor).toEqual([]);
  });

  it.each(VISIONS)('verdicts stay distinguishable with %s', (vision) => {
    const close = VERDICTS.flatMap((one, place) =>
      VERDICTS.slice(place + 1)
        .map((other) => ({ pair: `${one} and ${other}`, difference: differenceFor(vision, of(one), of(other)) }))
        .filter(({ difference }) => difference < 15),
    );
    expect(close).toEqual([]);
  });
});

it.each(PATHS.slice(0, -1))('%s: colours are changed by the button, both ways', async (path) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await open(path);
  for (const scheme of ['dark', 'light']) {
    await page.getByRole('button', { name: `Use ${scheme} colours` }).click();
    expect(await page.evaluate('document.documentElement.dataset.mantineColorScheme')).toBe(scheme);
  }
});

it('no page logged a policy violation or another error', () => {
  expect(dashboard.complaints.filter((complaint) => !complaint.includes('/nowhere'))).toEqual([]);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLOCK_FROM } from '../delivery/fake-clock.ts';
import { type Dashboard, openDashboard } from '../support/dashboard.test-support.ts';
import { callApi, setUpBy } from '../support/journeys.ts';

/** Set to keep pictures of the pages there. */
const { NETSONDE_PICTURES: pictures } = process.env;

let dashboard: Dashboard;

/** Clocks in Berlin are set back at 01:00 UTC on this day. The browser's clock is right, and the server's is not. */
beforeAll(async () => {
  dashboard = await openDashboard({
    agents: [{ name: 'alpha', labels: [] }],
    process: CLOCK_FROM('2026-10-25 00:59:10'),
  });
}, 120_000);
afterAll(() => dashboard?.close());

it('times in the hour that occurs twice name their zone, and pages follow a server whose clock is months behind', async () => {
  const page = await dashboard.newPage({ timezoneId: 'Europe/Berlin', locale: 'en-GB' });
  await setUpBy(page, dashboard);
  const made = (await callApi(page, 'POST', 'tests', {
    name: 'Twice',
    targets: [{ address: '127.0.0.1' }],
    checks: [{ probe: 'icmp', options: { count: 1 } }],
    agents: { by: 'any', count: 1 },
    interval: 1,
  })) as { id: number };
  await page.goto(`${dashboard.url}/tests/${made.id}`);
  const times = page.getByRole('table', { name: 'Results' }).locator('tbody time');
  await expect.poll(() => times.first().textContent(), { timeout: 30_000 }).toMatch(/^02:59:\d\d CEST$/);
  await page.getByText(/about \d+ d.* ahead of the server/).waitFor();
  await expect
    .poll(
      async () => {
        const more = page.getByRole('button', { name: /^\d+ new results?$/ });
        if ((await more.count()) > 0) await more.click();
        return times.first().textContent();
      },
      { timeout: 90_000, interval: 1000 },
    )
    .toMatch(/^02:00:\d\d CET$/);
  const all = await times.allTextContents();
  const zones = all.map((text) => text.split(' ')[1]);
  expect(zones.indexOf('CEST'), 'newest first').toBeGreaterThan(zones.lastIndexOf('CET'));
  expect(await times.first().getAttribute('title')).toMatch(/^25 Oct 2026, 02:00:\d\d CET$/);
  if (pictures !== undefined) await page.screenshot({ path: `${pictures}/doubled-hour.png` });
  expect(dashboard.complaints).toEqual([]);
});

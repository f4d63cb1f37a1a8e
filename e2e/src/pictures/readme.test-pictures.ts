import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Lab, openLab } from '@netsonde/lab';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, it } from 'vitest';
import { closeAll } from '../support/close-all.ts';
import { type Dashboard, openDashboard } from '../support/dashboard.test-support.ts';
import { createTest, setUpBy } from '../support/journeys.ts';

const FOLDER = fileURLToPath(new URL('../../../docs/pictures', import.meta.url));
/** How long the agent measures before the screenshots, ms. */
const WATCHED_MS = 150_000;

let lab: Lab;
let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  const direction = { delayMs: 9, jitterMs: 2, lossPct: 0.4 };
  lab = await openLab({ seed: 'pictures', path: { forward: direction, backward: direction } });
  const agents = [{ name: 'berlin', labels: ['site=berlin', 'tier=edge'] }];
  dashboard = await openDashboard({ agents, host: lab.measuring });
  page = dashboard.page;
});

afterAll(() => closeAll([() => dashboard?.close(), () => lab?.close()]));

const take = (name: string) => page.screenshot({ path: join(FOLDER, `${name}.png`) });

it('makes the screenshots of the README, of an agent that measures a path of the lab', async () => {
  await setUpBy(page, dashboard);
  await createTest(page, dashboard, {
    name: 'Far site',
    probe: 'Ping',
    targets: [lab.services.address4, lab.services.address6],
    intervalSeconds: 2,
    options: { Count: '10', Interval: '0.1', Timeout: '0.5' },
  });
  await page.waitForTimeout(WATCHED_MS);
  await page.evaluate('document.activeElement?.blur()');
  await take('test');

  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${dashboard.url}/agents/1`);
  await page.getByText(/^[\d,]+ expected = [\d,]+ stored \+ /).waitFor();
  await page.waitForTimeout(1000);
  await take('agent');
}, 300_000);

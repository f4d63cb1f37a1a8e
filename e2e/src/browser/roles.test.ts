import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { callApi, createTest, signIn } from '../support/journeys.ts';

const PASSWORD = 'staple battery horse';

let dashboard: Dashboard;
let page: Page;

beforeAll(async () => {
  dashboard = await openDashboardAsAdmin();
  await createTest(dashboard.page, dashboard, {
    name: 'Loopback',
    probe: 'Ping',
    targets: ['127.0.0.1'],
    intervalSeconds: 1,
  });
  for (const role of ['viewer', 'editor'])
    await callApi(dashboard.page, 'POST', 'users', { username: `the-${role}`, password: PASSWORD, role });
});

afterAll(() => dashboard?.close());

const forms = () => page.locator('main form');

/** The actions on tests and agents that a page offers, once it is complete. */
async function offersAt(page: Page, path: string): Promise<readonly string[]> {
  await page.goto(`${dashboard.url}${path}`);
  await page.getByText('Live', { exact: true }).waitFor();
  await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
  const main = page.getByRole('main');
  const buttons = main.getByRole('button', { name: /^(Add|Edit|Delete|Start|Stop|Revoke|New key|Name and labels)/ });
  const links = page.getByRole('link', { name: /^(New test|Edit)/ });
  return [...(await buttons.allTextContents()), ...(await links.allTextContents())];
}

describe('a viewer', () => {
  beforeAll(async () => {
    page = await dashboard.newPage();
    await signIn(page, dashboard, { username: 'the-viewer', password: PASSWORD });
  });

  it.each([
    ['/tests/new', 'Your role, viewer, may not make tests', 'Back to the tests', 'Tests'],
    ['/tests/1/edit', 'Your role, viewer, may not change tests', 'Back to the test', 'Loopback'],
  ])('is informed at %s whose it is, and led back', async (path, words, back, there) => {
    await page.goto(`${dashboard.url}${path}`);
    await page.getByText(words).waitFor();
    await page.getByText('Editors and admins may').waitFor();
    expect(await forms().count()).toBe(0);
    await page.getByRole('link', { name: back, exact: true }).click();
    await page.getByRole('heading', { name: there, level: 1, exact: true }).waitFor();
  });

  it('a viewer can change the own password in the settings, and sees what only admins have', async () => {
    await page.goto(`${dashboard.url}/settings`);
    await page.getByText("Your role, viewer, may not look after people, API tokens and the server's key").waitFor();
    expect(await forms().count()).toBe(1);
    expect(await page.getByRole('region').count()).toBe(2);
  });

  it.each(['/tests', '/tests/1', '/agents', '/agents/1'])(
    'a viewer is offered no action at %s that an admin has there',
    async (path) => {
      expect(await offersAt(dashboard.page, path)).not.toEqual([]);
      expect(await offersAt(page, path)).toEqual([]);
    },
  );
});

it('an editor has the form, and in the settings only the own password', async () => {
  page = await dashboard.newPage();
  await signIn(page, dashboard, { username: 'the-editor', password: PASSWORD });
  await page.goto(`${dashboard.url}/tests/new`);
  await page.getByLabel(/^Targets/).waitFor();
  await page.goto(`${dashboard.url}/tests/1/edit`);
  await page.getByLabel(/^Targets/).waitFor();
  await page.goto(`${dashboard.url}/settings`);
  await page.getByText(/^Your role, editor, may not look after people/).waitFor();
});

it('no page logged a policy violation or another error', () => {
  expect(dashboard.complaints).toEqual([]);
});

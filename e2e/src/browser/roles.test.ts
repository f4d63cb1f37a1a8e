import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenBrowser, openBrowser } from '../support/browser.ts';
import { callApi, createTest, setUpBy, signIn } from '../support/journeys.ts';
import { type Stack, startStack } from '../support/stack.ts';

const PASSWORD = 'staple battery horse';

let stack: Stack;
let browser: OpenBrowser;
let page: Page;

beforeAll(async () => {
  stack = await startStack({ agents: [{ name: 'alpha', labels: [] }] });
  browser = await openBrowser();
  const admin = await browser.page();
  await setUpBy(admin, stack);
  await createTest(admin, stack, { name: 'Loopback', probe: 'Ping', targets: ['127.0.0.1'], intervalSeconds: 1 });
  for (const role of ['viewer', 'editor'])
    await callApi(admin, 'POST', 'users', { username: `the-${role}`, password: PASSWORD, role });
});

afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

const forms = () => page.locator('main form');

describe('a viewer', () => {
  beforeAll(async () => {
    page = await browser.page();
    await signIn(page, stack, { username: 'the-viewer', password: PASSWORD });
  });

  it.each([
    ['/tests/new', 'Your role, viewer, may not make tests', 'Back to the tests', 'Tests'],
    ['/tests/1/edit', 'Your role, viewer, may not change tests', 'Back to the test', 'Loopback'],
  ])('is told at %s whose it is, and led back', async (path, told, back, there) => {
    await page.goto(`${stack.url}${path}`);
    await page.getByText(told).waitFor();
    await page.getByText('Editors and admins may').waitFor();
    expect(await forms().count()).toBe(0);
    await page.getByRole('link', { name: back, exact: true }).click();
    await page.getByRole('heading', { name: there, level: 1, exact: true }).waitFor();
  });

  it('has the own password in the settings, and is told what is there for admins', async () => {
    await page.goto(`${stack.url}/settings`);
    await page.getByText("Your role, viewer, may not look after people, API tokens and the server's key").waitFor();
    expect(await forms().count()).toBe(1);
    expect(await page.getByRole('region').count()).toBe(2);
  });

  it.each(['/', '/tests', '/tests/1', '/agents', '/agents/1'])(
    'is offered nothing at %s that is refused',
    async (path) => {
      await page.goto(`${stack.url}${path}`);
      await page.getByText('Live', { exact: true }).waitFor();
      await page.locator('[aria-busy="true"]').first().waitFor({ state: 'detached' });
      const offers = page
        .getByRole('main')
        .getByRole('button', { name: /^(Add|Edit|Delete|Start|Stop|Revoke|New key|Name and labels)/ });
      expect(await offers.allTextContents()).toEqual([]);
      expect(await page.getByRole('link', { name: /^(New test|Edit)/ }).count()).toBe(0);
    },
  );
});

it('an editor has the form, and no settings but the own password', async () => {
  page = await browser.page();
  await signIn(page, stack, { username: 'the-editor', password: PASSWORD });
  await page.goto(`${stack.url}/tests/new`);
  await page.getByLabel(/^Targets/).waitFor();
  await page.goto(`${stack.url}/tests/1/edit`);
  await page.getByLabel(/^Targets/).waitFor();
  await page.goto(`${stack.url}/settings`);
  await page.getByText(/^Your role, editor, may not look after people/).waitFor();
});

it('no page complained, of its policy or of anything else', () => {
  expect(browser.complaints).toEqual([]);
});

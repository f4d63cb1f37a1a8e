import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { agentOptionsFrom, openAgent } from '@netsonde/agent';
import { catalog } from '@netsonde/probes/catalog';
import { runners } from '@netsonde/probes/runtime';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../delivery/server-process.ts';
import { closeAll } from '../support/close-all.ts';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { callApi, until } from '../support/journeys.ts';

let dashboard: Dashboard;
let page: Page;
let folder: string;
let listener: Awaited<ReturnType<typeof openAgent>> | undefined;

beforeAll(async () => {
  folder = mkdtempSync(`${tmpdir()}/netsonde-listener-`);
  dashboard = await openDashboardAsAdmin();
  page = dashboard.page;
});

afterAll(() =>
  closeAll([() => dashboard?.close(), () => listener?.close(), () => rmSync(folder, { recursive: true, force: true })]),
);

it('a listening agent is added, dialled and removed again', async () => {
  const place = `127.0.0.1:${await freePort()}`;
  await page.goto(`${dashboard.url}/agents`);
  await page.getByRole('button', { name: 'Add an agent' }).click();
  await page.getByLabel('Who connects?').selectOption('server');
  await page.getByRole('button', { name: 'Make a token' }).click();
  const command = await page.getByLabel('Command that starts the agent').inputValue();
  const token = /^npx netsonde agent --listen \S+ --token (\S+)$/.exec(command)?.[1] ?? '';
  const address = page.getByLabel(/^Where does it listen/);
  await address.fill('http://169.254.169.254:80');
  await page.getByRole('button', { name: 'Dial it' }).click();
  await page.getByText(/cloud metadata/).waitFor();
  await address.fill(`http://${place}`);
  await page.getByRole('button', { name: 'Dial it' }).click();
  const panel = page.getByRole('region', { name: 'Agents that listen' });
  await panel.getByText(/nothing listens at/).waitFor();
  await panel.getByText('nobody yet').waitFor();
  const options = agentOptionsFrom({}, { listen: place, token, name: 'hidden', data: folder, label: [] });
  listener = await openAgent(options, { catalog, runners });
  await panel.getByRole('link', { name: 'hidden' }).waitFor({ timeout: 30_000 });
  await panel.getByText('connected', { exact: true }).waitFor();
  await panel.getByRole('button', { name: /no more$/ }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).last().click();
  await panel.waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'hidden' }).waitFor();
});

it('the key of the server is changed in two steps', async () => {
  await page.goto(`${dashboard.url}/settings`);
  const panel = page.getByRole('region', { name: 'Server key' });
  const fingerprints = panel.locator('dd .mono');
  const before = await fingerprints.first().textContent();
  await panel.getByRole('button', { name: 'Make a new key' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make a new key' }).click();
  await panel.getByText('Former key, still good').waitFor();
  expect(await fingerprints.nth(1).textContent()).toBe(before);
  await panel.getByText('hidden does not know the new key yet').waitFor();
  await panel.getByRole('button', { name: 'Give up the former key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/enrolled again/).waitFor();
  await dialog.getByRole('button', { name: 'Give it up all the same' }).click();
  await until('one key is left', async () => (await fingerprints.count()) === 1);
  expect(await fingerprints.first().textContent()).not.toBe(before);
});

it('an online agent gets a new key, and an offline one shows why it cannot', async () => {
  for (const [name, refusal] of [
    ['alpha', false],
    ['hidden', true],
  ] as const) {
    await page.goto(`${dashboard.url}/agents`);
    await page.getByRole('link', { name }).click();
    await page.getByRole('button', { name: 'New key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Give it a new key' }).click();
    if (refusal) await dialog.getByText(/no session now/).waitFor();
    else await dialog.waitFor({ state: 'detached' });
  }
});

it('a copy of the data folder of an agent is shown in the list and on the page of the agent', async () => {
  const { token } = (await callApi(page, 'POST', 'enrolment-tokens', { name: 'twice', uses: 1 })) as {
    token: string;
  };
  const [own, copy] = [`${folder}/own`, `${folder}/copy`];
  const open = (data: string, given: object) =>
    openAgent(agentOptionsFrom({}, { server: dashboard.url, name: 'twice', data, label: [], ...given }), {
      catalog,
      runners,
    });
  mkdirSync(own);
  await page.goto(`${dashboard.url}/agents`);
  const row = page.getByRole('table', { name: 'Agents' }).locator('tbody tr').filter({ hasText: 'twice' });
  const running = [await open(own, { token })];
  try {
    await row.getByText('Online').waitFor();
    // The content of a copied disk: everything but the lock of the process that uses the folder.
    cpSync(own, copy, { recursive: true, filter: (file) => !/lock$/.test(file) });
    running.push(await open(copy, {}));
    await row.getByText(/^A copy of it tried to connect from /).waitFor({ state: 'attached' });
    await row.getByRole('link', { name: 'twice' }).click();
    await page.getByText(/^Another host or folder at .* tried to connect with this agent's key/).waitFor();
    await page.getByRole('button', { name: 'It was moved' }).waitFor();
  } finally {
    await Promise.all(running.map((agent) => agent.close()));
  }
});

it('no page logged a policy violation or another error', () => {
  expect(dashboard.complaints.filter((line) => !/status of (422|409)/.test(line))).toEqual([]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Certificate, makeCertificate } from '../delivery/certificate.ts';
import { closeAll } from '../support/close-all.ts';
import { type Dashboard, openDashboardAsAdmin } from '../support/dashboard.test-support.ts';
import { callApi, createTest, textOf, until } from '../support/journeys.ts';

const SECRET = 'Bearer 0123456789abcdef';

let dashboard: Dashboard;
let page: Page;
let guarded: Server;
/** The last message from the agent. */
let seen: { readonly headers: IncomingHttpHeaders; readonly body: string } | null = null;
let address = '';
/** A server whose certificate is signed by its own authority only. */
let secure: Server;
let secureAddress = '';
let certificate: Certificate;
let folder = '';

beforeAll(async () => {
  guarded = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen = { headers: request.headers, body };
    response.end('well');
  });
  await new Promise<void>((resolve) => guarded.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(guarded.address() as AddressInfo).port}/`;
  folder = mkdtempSync(join(tmpdir(), 'netsonde-form-'));
  certificate = makeCertificate(folder, 'private', 'IP:127.0.0.1');
  secure = createSecureServer(certificate, (_request, response) => response.end('well'));
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  secureAddress = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/`;
  dashboard = await openDashboardAsAdmin({ agents: [{ name: 'alpha', labels: ['site=east'] }] });
  page = dashboard.page;
});

afterAll(() =>
  closeAll([
    () => dashboard?.close(),
    ...[guarded, secure].map((server) => () => {
      server?.closeAllConnections();
      server?.close();
    }),
    () => rmSync(folder, { recursive: true, force: true }),
  ]),
);

const preview = () => page.getByRole('region', { name: 'Before you save' });
const check = () => page.getByRole('group', { name: 'Check 1' });

it('the form shows who would run a test and its cost before it is saved', async () => {
  await page.goto(`${dashboard.url}/tests/new`);
  await page.getByLabel(/^Targets/).fill('127.0.0.1\n127.0.0.2');
  await page.getByRole('region', { name: 'Schedule' }).getByLabel('Interval', { exact: true }).fill('60');
  await preview().getByText('alpha').waitFor();
  await preview()
    .getByText(/^120 runs/)
    .waitFor();
  const once = await textOf(preview());
  expect(once).toContain('120 runs, at most ');
  expect(once).toMatch(/at most [\d,]+ packets and [\d.]+ [KM]iB/);
  await page.getByLabel(/^Targets/).fill('127.0.0.1\n127.0.0.2\n127.0.0.3\n127.0.0.4');
  await preview()
    .getByText(/^240 runs/)
    .waitFor();
});

it('the form reports an invalid value before it asks the server, and does not call it missing', async () => {
  await page.getByLabel(/^Targets/).fill('');
  await preview()
    .getByText(/^Write a target/)
    .waitFor();
  await page.getByLabel(/^Targets/).fill('http://[::1');
  await preview()
    .getByText(/^Line 1: /)
    .waitFor();
  expect(await textOf(preview())).not.toContain('Write a target');
  await page.getByLabel(/^Targets/).fill('127.0.0.1');
  await preview()
    .getByText(/^60 runs/)
    .waitFor();
});

it('the form warns of a test that no agent would run', async () => {
  await page.getByText('By label', { exact: true }).click();
  await page.getByLabel('Labels that an agent must carry').fill('site=atlantis');
  await preview().getByText('No agent runs this test').waitFor();
  await page.getByLabel('Labels that an agent must carry').fill('site=east');
  await preview().getByText('alpha').waitFor();
  expect(await textOf(preview())).not.toContain('No agent runs this test');
});

it('the form shows what the server would refuse at its field, while the user types', async () => {
  await page.getByLabel('Check 1: probe').selectOption({ label: 'HTTP' });
  await page.getByLabel(/^Targets/).fill(address);
  const headers = check().getByLabel('Headers', { exact: true });
  await headers.fill('no header at all');
  await until('the field is marked', async () => (await headers.getAttribute('aria-invalid')) === 'true');
  await preview().getByText('Correct the marked fields first').waitFor();
  await headers.fill('X-Kind: a header');
  await until('the mark is gone', async () => (await headers.getAttribute('aria-invalid')) !== 'true');
  await page.goto(`${dashboard.url}/tests`);
  await page.getByText('There are no tests yet').waitFor();
});

it('the form keeps secrets that it never shows, and sends a new one only when it is typed', async () => {
  await createTest(page, dashboard, {
    name: 'Guarded',
    probe: 'HTTP',
    targets: [address],
    intervalSeconds: 1,
    options: { Headers: `Authorization: ${SECRET}` },
  });
  await until('the agent has sent it', async () => seen?.headers.authorization === SECRET);
  await page.getByText('Headers set').waitFor();

  await page.getByRole('link', { name: 'Edit' }).click();
  const headers = check().getByLabel('Headers', { exact: true });
  await headers.waitFor();
  expect(await headers.inputValue()).toMatch(/^Authorization: \(secret/);
  expect(await page.content()).not.toContain(SECRET);
  await check().getByLabel('Method', { exact: true }).selectOption('POST');
  await check().getByText('more options').click();
  await check().getByLabel('Body', { exact: true }).fill('pass=word');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('both arrive', async () => seen?.headers.authorization === SECRET && seen.body === 'pass=word');

  await page.getByRole('link', { name: 'Edit' }).click();
  const body = check().getByLabel('Body', { exact: true });
  await body.waitFor();
  expect(await body.inputValue()).toBe('');
  expect(await body.getAttribute('placeholder')).toContain('Kept');
  await body.fill('pass=new');
  await body.fill('');
  expect(await body.getAttribute('placeholder')).toContain('Kept');
  await body.fill('pass=new');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('the new one arrives', async () => seen?.body === 'pass=new' && seen.headers.authorization === SECRET);

  await page.getByRole('link', { name: 'Edit' }).click();
  await check().getByRole('button', { name: 'Remove what is stored' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await until('nothing is sent any more', async () => seen?.body === '' && seen.headers.authorization === SECRET);
});

it('the form accepts a certificate authority as text of several lines, trusts it, and only counts it in titles', async () => {
  await page.goto(`${dashboard.url}/tests/new`);
  await page.getByLabel(/^Name/).fill('Private authority');
  await page.getByLabel('Check 1: probe').selectOption({ label: 'HTTP' });
  await page.getByLabel(/^Targets/).fill(secureAddress);
  await check()
    .getByText(/more options$/)
    .click();
  const authorities = check().getByLabel('Further authorities', { exact: true });
  await authorities.fill(certificate.cert.toString());
  expect(await authorities.inputValue()).toBe(certificate.cert.toString());
  await check().getByLabel('Body', { exact: true }).fill('one\ntwo');
  expect(await check().getByLabel('Body', { exact: true }).inputValue()).toBe('one\ntwo');
  await check().getByLabel('Body', { exact: true }).fill('');
  await page.getByRole('region', { name: 'Schedule' }).getByLabel('Interval', { exact: true }).fill('1');
  await page.getByRole('button', { name: 'Create and start' }).click();
  await page.getByText('Further authorities given, 1 certificate').waitFor();
  const verdicts = page.getByRole('region', { name: 'Verdicts' });
  await until('its results are up', async () => /[1-9]\d* up/.test(await textOf(verdicts)));
  expect(await page.getByText('BEGIN CERTIFICATE').count()).toBe(0);
});

it('the list finds a test among many by words', async () => {
  for (const place of [1, 2, 3, 4, 5, 6, 7, 8])
    await callApi(page, 'POST', 'tests', {
      name: `Number ${place}`,
      targets: [{ address: `127.0.0.${place}` }],
      checks: [{ probe: 'icmp' }],
      agents: { by: 'any', count: 1 },
      interval: 600,
    });
  await page.goto(`${dashboard.url}/tests`);
  const rows = page.getByRole('table', { name: 'Tests' }).locator('tbody tr');
  await until('all are there', async () => (await rows.count()) === 10);
  await page.getByLabel('Find a test').fill('number 127.0.0.4');
  await until('one is left', async () => (await rows.count()) === 1);
  expect(await textOf(rows)).toContain('Number 4');
  await page.getByLabel('Find a test').fill('no such words');
  await page.getByText(/^No test has these words/).waitFor();
});

it('no page logged a policy violation or another error', () => {
  // What the server refuses of an unfinished test is an answer that the form requests.
  expect(dashboard.complaints.filter((line) => !/status of 422/.test(line))).toEqual([]);
});

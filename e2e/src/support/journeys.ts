import type { Locator, Page } from 'playwright-core';
import type { Stack } from './stack.ts';

export const ADMIN = { username: 'ada', password: 'correct horse battery' } as const;

/** Makes the first admin by the set-up link, as a new user does; ends on the overview. */
export async function setUpBy(page: Page, { setupLink }: Stack): Promise<void> {
  await page.goto(setupLink);
  await page.getByLabel(/^User name/).fill(ADMIN.username);
  await page.getByLabel(/^Password( |$)/).fill(ADMIN.password);
  await page.getByLabel(/^Repeat the password/).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create the account' }).click();
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
}

/** Signs in on the sign-in page; ends on the overview. */
export async function signIn(
  page: Page,
  { url }: Stack,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  await page.goto(`${url}/`);
  await page.getByLabel(/^User name/).fill(username);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
}

/**
 * Calls the API with the page's session; undefined where the answer has no body. @throws Error with the server's
 * refusal.
 */
export async function callApi(
  page: Page,
  method: 'GET' | 'POST',
  path: string,
  body: unknown = undefined,
): Promise<unknown> {
  const call = `(async ({ method, path, body }) => {
    const { csrf } = await (await fetch('api/v1/session')).json();
    const headers = { 'x-csrf-token': csrf, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const answer = await fetch('api/v1/' + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  })(${JSON.stringify({ method, path, body })})`;
  const text = String(await page.evaluate(call));
  return text === '' ? undefined : JSON.parse(text);
}

export interface NewTest {
  readonly name: string;
  /** As the form's select shows it. */
  readonly probe: string;
  readonly targets: readonly string[];
  readonly intervalSeconds: number;
  /** Options of the check, by their labels. */
  readonly options?: Readonly<Record<string, string>>;
}

/** Fills in the form of a test and starts the test; ends on its page. */
export async function createTest(page: Page, { url }: Stack, test: NewTest): Promise<void> {
  await page.goto(`${url}/tests/new`);
  await page.getByLabel(/^Name/).fill(test.name);
  await page.getByLabel('Check 1: probe').selectOption({ label: test.probe });
  await page.getByLabel(/^Targets/).fill(test.targets.join('\n'));
  const check = page.getByRole('group', { name: 'Check 1' });
  for (const [label, value] of Object.entries(test.options ?? {})) {
    await check.getByLabel(label, { exact: true }).fill(value);
    await check.getByLabel(label, { exact: true }).blur();
  }
  await page
    .getByRole('region', { name: 'Schedule' })
    .getByLabel('Interval', { exact: true })
    .fill(String(test.intervalSeconds));
  await page.getByRole('button', { name: 'Create and start' }).click();
  await page.getByRole('heading', { name: test.name, level: 1 }).waitFor();
}

/** The text of what a locator finds now; "" for nothing. */
export async function textOf(locator: Locator): Promise<string> {
  return (await locator.count()) === 0 ? '' : ((await locator.textContent()) ?? '');
}

/** Waits until a condition holds. @throws Error that says what was waited for. */
export async function until(what: string, holds: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms, and it did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

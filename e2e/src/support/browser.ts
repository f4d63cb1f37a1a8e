import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '@netsonde/lab';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser, and the problems that its pages logged. */
export interface OpenBrowser {
  /** A page in its own context, without the sessions of other pages. */
  page(options?: BrowserContextOptions): Promise<Page>;
  /** Errors, warnings and policy violations of all pages so far. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Starts Chromium, on a host of the lab where one is given. @throws Error that names what is missing. */
export async function openBrowser(host?: Host): Promise<OpenBrowser> {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: install it with apt-get install chromium`);
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-browser-'));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  const executablePath = host === undefined ? CHROMIUM : starterOn(host, folder);
  const browser = await chromium.launch({ executablePath, args: ARGS }).catch((error: unknown) => {
    clean();
    throw error;
  });
  const complaints: string[] = [];
  return {
    complaints,
    page: (options) => openPage(browser, options ?? {}, complaints),
    close: () => browser.close().finally(clean),
  };
}

async function openPage(browser: Browser, options: BrowserContextOptions, complaints: string[]): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    // A 401 before the sign-in is the answer that the page requests.
    const expected = message.text().includes('status of 401');
    if (['error', 'warning'].includes(message.type()) && !expected) complaints.push(`${page.url()}: ${message.text()}`);
  });
  return page;
}

/** A program that starts Chromium on that host: the launcher accepts only a file. */
function starterOn(host: Host, folder: string): string {
  const { file, args } = host.command(CHROMIUM);
  const starter = join(folder, 'chromium');
  writeFileSync(starter, `#!/bin/sh\nexec ${[file, ...args].map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(starter, 0o755);
  return starter;
}

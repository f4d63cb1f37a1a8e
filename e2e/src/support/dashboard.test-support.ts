import type { BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { setUpBy } from './journeys.ts';
import { type Stack, type StackPlan, startStack } from './stack.ts';

/** A real stack, and a browser that uses it: on the same host of the lab where the plan names one. */
export interface Dashboard extends Stack {
  readonly page: Page;
  /** Another page, in its own context, without the sessions of other pages. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
  /** Errors, warnings and policy violations of all pages so far. */
  readonly complaints: readonly string[];
  /** Ends the stack and leaves the browser open. */
  stop(): Promise<void>;
  /** Ends the browser and the stack. */
  close(): Promise<void>;
}

const ONE_AGENT: StackPlan = { agents: [{ name: 'alpha', labels: [] }] };

/** Opens a dashboard with an empty page, before the set-up. @throws Error that names what is missing. */
export async function openDashboard(plan: StackPlan = ONE_AGENT): Promise<Dashboard> {
  const stack = await startStack(plan);
  const browser = await orClose(openBrowser(plan.host), stack.close);
  const close = () => browser.close().finally(stack.close);
  const page = await orClose(browser.page(), close);
  const { complaints, page: newPage } = browser;
  return { ...stack, page, newPage, complaints, stop: stack.close, close };
}

/** The same, with its first admin made and its page on the overview. */
export async function openDashboardAsAdmin(plan?: StackPlan): Promise<Dashboard> {
  const dashboard = await openDashboard(plan);
  await orClose(setUpBy(dashboard.page, dashboard), dashboard.close);
  return dashboard;
}

/** Closes what is open already when a later part cannot be opened. */
async function orClose<Opened>(opening: Promise<Opened>, close: () => Promise<void>): Promise<Opened> {
  try {
    return await opening;
  } catch (error) {
    await close();
    throw error;
  }
}

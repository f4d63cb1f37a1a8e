import { ServerClock } from './server-clock.ts';

/** The header in which the server sends its time, epoch ms. */
const TIME_HEADER = 'netsonde-time';

const clock = new ServerClock({ wallMs: () => Date.now(), steadyMs: () => performance.now() });

/** The time that pages show and ask for: the server's, epoch ms. */
export const serverNow = (): number => clock.now();

/** How far this browser's clock is ahead of the server's, ms; below 0: behind; 0: not known to be off. */
export const browserAheadMs = (): number => clock.browserAheadMs;

/** Whether the browser's clock was set, or the computer slept, since the last answer. */
export const isTimeUnsure = (): boolean => clock.isUnsure;

/** Sends a request, and takes the server's time from its answer. */
export async function timedFetch(address: string, options: RequestInit): Promise<Response> {
  const askedMs = performance.now();
  const response = await fetch(address, options);
  const serverMs = Number(response.headers.get(TIME_HEADER) ?? Number.NaN);
  if (serverMs > 0) clock.heard({ serverMs, askedMs, heardMs: performance.now() });
  return response;
}

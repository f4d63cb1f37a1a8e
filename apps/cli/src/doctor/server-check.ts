/** How far this host's clock may be off before results look as if they came from another time, ms. */
const CLOCK_LIMIT_MS = 5000;
const TIMEOUT_MS = 5000;

export interface ServerCheck {
  readonly ok: boolean;
  readonly url: string;
  /** This host's clock minus the server's, ms, to about a second (the HTTP Date header); null: not measured. */
  readonly clockOffsetMs: number | null;
  readonly lines: readonly { readonly ok: boolean; readonly text: string }[];
}

/** Looks at a server's health page: is it there, is it Netsonde, and do the clocks agree? */
export async function checkServer(url: string): Promise<ServerCheck> {
  const answer = await ask(url);
  if (typeof answer === 'string') return { ok: false, url, clockOffsetMs: null, lines: [{ ok: false, text: answer }] };
  const { clockOffsetMs } = answer;
  const lines = [{ ok: true, text: `reached ${url}` }, clockLine(clockOffsetMs)];
  return { ok: lines.every(({ ok }) => ok), url, clockOffsetMs, lines };
}

async function ask(text: string): Promise<{ readonly clockOffsetMs: number | null } | string> {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text))
    return `--server: ${JSON.stringify(text)} is no URL: write it like http://host:5000`;
  const url = `${text.replace(/\/+$/, '')}/healthz`;
  const before = Date.now();
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    const body: unknown = await response.json().catch(() => null);
    if (!isHealth(body))
      return `${url} answered ${response.status}, but not as a Netsonde server does: check host, port and base path`;
    if (body.status !== 'ok') return `${url}: the server says that it is not well (${body.status}): look at its log`;
    const date = Date.parse(response.headers.get('date') ?? '');
    // The header cuts off the fraction of the second: its middle is the best guess.
    return { clockOffsetMs: Number.isNaN(date) ? null : Math.round((before + Date.now()) / 2 - (date + 500)) };
  } catch (error) {
    return `${url} cannot be reached (${reasonOf(error)}): is the server running, and is the port open in between?`;
  }
}

const isHealth = (body: unknown): body is { status: string } =>
  typeof body === 'object' && body !== null && 'status' in body && typeof body.status === 'string';

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  const { cause } = error;
  return cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : error.message;
}

function clockLine(offsetMs: number | null): { ok: boolean; text: string } {
  if (offsetMs === null) return { ok: true, text: 'clock: the server tells no time' };
  const ok = Math.abs(offsetMs) <= CLOCK_LIMIT_MS;
  const text = `clock: ${Math.abs(offsetMs / 1000).toFixed(1)} s ${offsetMs < 0 ? 'behind' : 'ahead of'} the server’s`;
  return { ok, text: ok ? text : `${text}: set this host's clock, e.g. with: timedatectl set-ntp true` };
}

import type { ClockProblem } from '@netsonde/metrics';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const ADVICE =
  'Nothing is deleted by it. Set it with a time service (timedatectl set-ntp true), or confirm it on the page Settings.';

/** What is wrong with this host's clock, what the server does meanwhile, and what to do. */
export function problemWords({ kind, byMs, sinceMs }: ClockProblem): string {
  const by = amount(Math.abs(byMs));
  const than = byMs > 0 ? `${by} ahead of` : `${by} behind`;
  switch (kind) {
    case 'stepped':
      return `The clock of the server's host was set ${by} ${byMs > 0 ? 'ahead' : 'back'} at ${text(sinceMs)}, and nothing confirms its new time: the server goes on with the time as it was. ${ADVICE}`;
    case 'behind':
      return `The clock of the server's host shows a time ${than} the last one that this server has seen (${text(sinceMs)}): the server goes on from that one. ${ADVICE}`;
    case 'ahead':
      return `The clock of the server's host is ${than} the last time that this server has seen, and nothing confirms it: the server uses it. ${ADVICE}`;
    case 'contradicted':
      return `The clock of the server's host is ${than} the clocks of most agents. ${ADVICE}`;
    case 'off':
      return `The clock of the server's host is ${than} the time that most agents confirm: the server uses that one. ${ADVICE}`;
  }
}

const text = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

function amount(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.round(ms / DAY_MS)} days`;
  if (ms >= 2 * HOUR_MS) return `${Math.round(ms / HOUR_MS)} h`;
  if (ms >= 2 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return `${(ms / SECOND_MS).toFixed(1)} s`;
}

/** What is wrong with the clock of an agent's host, and what the agent does meanwhile. A newer agent's kind is one of these too. */
export function agentProblemWords({ kind, byMs }: { readonly kind: string; readonly byMs: number }): string {
  const by = `${amount(Math.abs(byMs))} ${byMs > 0 ? 'ahead of' : 'behind'}`;
  const use =
    kind === 'ahead'
      ? `${by} the last time that the agent has seen, and nothing confirms it`
      : `${by} the time that the agent dates its results by`;
  return `The clock of the agent's host is ${use}. Set it with a time service (timedatectl set-ntp true).`;
}

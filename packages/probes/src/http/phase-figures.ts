import type { AbsenceReason } from '../contract/verdict.ts';
import { type Figures, put } from './figures.ts';
import type { Hop, Transaction } from './observation.ts';

/** The phases of the run's first request, over its redirects; `failed` is the reason for absent phases. */
export function putPhases(figures: Figures, { hops, fault, body }: Transaction, failed: AbsenceReason): void {
  const last = hops.at(-1);
  put(
    figures,
    'dns_time_ms',
    sum(hops, ({ dnsMs }) => dnsMs),
    reachedResolver(hops) ? 'not_applicable' : failed,
  );
  put(
    figures,
    'connect_time_ms',
    sum(hops, ({ connection }) => connection?.connectMs),
    failed,
  );
  put(
    figures,
    'tls_time_ms',
    sum(hops, ({ connection }) => connection?.tlsMs),
    tlsReason(hops, failed),
  );
  const firstByteMs = last?.head?.firstByteMs;
  put(figures, 'ttfb_ms', firstByteMs, failed);
  const cut = body?.truncated === true;
  const endMs = fault === null && !cut && firstByteMs !== undefined ? last?.endMs : undefined;
  const reason = cut && fault === null ? 'not_requested' : failed;
  const downloadMs = endMs === undefined || firstByteMs === undefined ? undefined : endMs - firstByteMs;
  put(figures, 'download_time_ms', downloadMs, reason);
  put(figures, 'total_time_ms', endMs, reason);
}

/** Sum of the measured values; undefined when there are none. */
function sum(hops: readonly Hop[], of: (hop: Hop) => number | null | undefined): number | undefined {
  let total: number | undefined;
  for (const hop of hops) {
    const value = of(hop);
    if (value !== null && value !== undefined) total = (total ?? 0) + value;
  }
  return total;
}

/** All hosts were addresses or already resolved. */
const reachedResolver = (hops: readonly Hop[]): boolean =>
  hops.every(({ connection, failedAttempts }) => connection !== null || failedAttempts.length > 0);

const tlsReason = (hops: readonly Hop[], failed: AbsenceReason): AbsenceReason =>
  hops.some(({ url }) => url.startsWith('https:')) ? failed : 'not_applicable';

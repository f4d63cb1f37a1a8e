import type { Span } from '../contract/outcome.ts';
import type { Transaction } from './observation.ts';

/**
 * When the process's clock timed each figure of a run. The first byte of an answer counts from the request on: while the
 * process is stalled, it arrives unseen, and the download then seems shorter than it was.
 * @param allReused whether every connection that could be reused was
 */
export function timedDuring(
  first: Transaction,
  transactions: readonly Transaction[],
  allReused: boolean,
): Readonly<Record<string, readonly Span[]>> {
  const { hops } = first;
  const waits = transactions.flatMap(waitOf);
  const download = fromRequestToEnd(first);
  return {
    dns_time_ms: hops.flatMap(({ dnsDuring }) => dnsDuring),
    connect_time_ms: hops.flatMap(({ connection }) => connection?.connectDuring ?? []),
    tls_time_ms: hops.flatMap(({ connection }) => connection?.tlsDuring ?? []),
    ttfb_ms: untilFirstByte(first),
    download_time_ms: download,
    throughput_bps: download,
    total_time_ms: untilEnd(first),
    ttfbs_ms: transactions.filter(({ role }) => role === 'plain').flatMap(untilFirstByte),
    cdn_time_saved_pct: waits,
    // A server may close a connection that this process left idle for too long.
    connection_reuse_pct: allReused ? [] : transactions.flatMap(untilEnd),
  };
}

function untilFirstByte({ hops, startedMs }: Transaction): Span[] {
  const head = hops.at(-1)?.head;
  return head == null ? [] : [{ fromMs: startedMs, toMs: startedMs + head.firstByteMs }];
}

function untilEnd({ hops, startedMs }: Transaction): Span[] {
  const last = hops.at(-1);
  return last === undefined ? [] : [{ fromMs: startedMs, toMs: startedMs + last.endMs }];
}

function waitOf({ hops, startedMs }: Transaction): Span[] {
  const head = hops.at(-1)?.head;
  if (head == null) return [];
  const toMs = startedMs + head.firstByteMs;
  return [{ fromMs: toMs - head.waitMs, toMs }];
}

function fromRequestToEnd(transaction: Transaction): Span[] {
  const [wait] = waitOf(transaction);
  const [whole] = untilEnd(transaction);
  return wait === undefined || whole === undefined ? [] : [{ fromMs: wait.fromMs, toMs: whole.toMs }];
}

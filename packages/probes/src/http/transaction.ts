import type { Finding } from '../contract/outcome.ts';
import { Patience } from '../net/patience.ts';
import { CONTENT_LIMITS } from './content/content-limits.ts';
import type { Exchanged } from './exchange.ts';
import { type BodyEnd, readBody, unreadBody } from './final-body.ts';
import { oneHop, type TransactionSetting } from './hop.ts';
import type { Hop, Transaction } from './observation.ts';
import { shownUrl } from './origin.ts';
import { type Asked, nextAfter } from './request.ts';

/**
 * Sends one request and follows its redirects; the result contains every failure of the network or the target.
 * @throws the signal's reason, and only that
 */
export async function transact(first: Asked, setting: TransactionSetting): Promise<Transaction> {
  const { context, options, role } = setting;
  const startedMs = context.clock.monotonicMs();
  const patience = new Patience(context.clock, options.timeoutSeconds * 1000);
  const hops: Hop[] = [];
  let asked = first;
  for (;;) {
    const { hop, finding, exchanged } = await oneHop(asked, setting, patience, startedMs);
    hops.push(hop);
    if (finding !== null || exchanged === null || hop.head === null) return failed(hops, startedMs, finding, setting);
    const next = role === 'plain' && options.followRedirects ? nextAfter(asked, hop.head, hops, options) : null;
    if (next === null) return ended(hops, startedMs, await bodyOf(hop, exchanged, setting, startedMs), setting);
    if ('cause' in next) return failed(hops, startedMs, next, setting);
    context.log(`${hop.head.status}, on to ${shownUrl(next.url.href)}`);
    asked = next;
  }
}

/**
 * Decoding and judging the content get the rest of the timeout, but always a minimum, since the target has already
 * answered.
 */
async function bodyOf(
  hop: Hop,
  exchanged: Exchanged,
  setting: TransactionSetting,
  startedMs: number,
): Promise<BodyEnd> {
  const { role, options, context } = setting;
  if (role !== 'plain') return unreadBody(exchanged);
  const { clock, signal } = context;
  const leftMs = options.timeoutSeconds * 1000 - (clock.monotonicMs() - startedMs);
  const patience = new Patience(clock, Math.max(leftMs, CONTENT_LIMITS.contentMs));
  const end = await readBody(hop, exchanged, options, {
    wait(onTimeUp) {
      const endWait = patience.wait(onTimeUp);
      signal.addEventListener('abort', onTimeUp);
      return () => {
        endWait();
        signal.removeEventListener('abort', onTimeUp);
      };
    },
  });
  signal.throwIfAborted();
  return end;
}

function ended(
  hops: readonly Hop[],
  startedMs: number,
  end: BodyEnd,
  { role, context }: TransactionSetting,
): Transaction {
  const { body, contentFaults, fault } = end;
  return { kind: 'transaction', role, hops, startedMs, fault, body, contentFaults, wallMs: context.clock.wallMs() };
}

function failed(
  hops: readonly Hop[],
  startedMs: number,
  fault: Finding | null,
  { role, context }: TransactionSetting,
): Transaction {
  const wallMs = context.clock.wallMs();
  return { kind: 'transaction', role, hops, startedMs, fault, body: null, contentFaults: [], wallMs };
}

import type { Finding } from '../contract/outcome.ts';
import type { Verdict } from '../contract/verdict.ts';
import { headerListOf } from '../net/http1/header-lookup.ts';
import type { HttpOptions } from './descriptor.ts';
import { splitHeader } from './header-option.ts';
import type { Transaction } from './observation.ts';
import { shownUrl } from './origin.ts';
import { statusIn } from './status-range.ts';

/** The fault of a plain request: its failure, else its status, its headers, its content; null if there is none. */
export function findingOf(transaction: Transaction, options: HttpOptions): Finding | null {
  const { fault, hops, contentFaults } = transaction;
  if (fault !== null) return fault;
  const last = hops.at(-1);
  const head = last?.head;
  if (last === undefined || head == null) return { cause: 'cancelled', side: 'agent', operation: 'run' };
  const what = `${options.method} ${shownUrl(last.url)}`;
  if (!statusIn(options.expectStatus, head.status))
    return {
      cause: 'unexpected_status',
      side: 'target',
      operation: `${what}: ${head.status}, expected ${options.expectStatus}`,
    };
  const missing = options.expectHeader.find((line) => !holds(head.rawHeaders, line));
  if (missing !== undefined)
    return { cause: 'unexpected_content', side: 'target', operation: `${what}: no header ${missing.slice(0, 200)}` };
  const content = contentFaults.find(({ isKnown }) => isKnown) ?? contentFaults[0];
  if (content === undefined) return null;
  const operation = `${what}: ${content.text}`;
  return content.isKnown
    ? { cause: 'unexpected_content', side: 'target', operation }
    : { cause: 'local_resource', side: 'agent', operation };
}

function holds(rawHeaders: readonly string[], line: string): boolean {
  const [name, text] = splitHeader(line);
  const value = headerListOf(rawHeaders, name.toLowerCase());
  return value?.includes(text) ?? false;
}

/**
 * Up when all plain requests are right; down when none is, degraded when some are. A fault on the agent's or the
 * resolver's side makes the verdict unknown.
 */
export function verdictOf(findings: readonly (Finding | null)[]): { verdict: Verdict; finding?: Finding } {
  const wrong = findings.filter((finding) => finding !== null);
  const blamed = wrong.find(({ side }) => side === 'target' || side === 'path');
  const finding = blamed ?? wrong[0];
  if (finding === undefined) return { verdict: 'up' };
  if (blamed === undefined) return { verdict: 'unknown', finding };
  return { verdict: wrong.length === findings.length ? 'down' : 'degraded', finding };
}

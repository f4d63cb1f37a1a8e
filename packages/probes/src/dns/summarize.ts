import type { MetricValue } from '../contract/metric.ts';
import type { Absences, Finding, Json, Outcome, Span } from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import type { AbsenceReason } from '../contract/verdict.ts';
import { cacheFigure } from './cache-figure.ts';
import { type DnsOptions, dns } from './descriptor.ts';
import { findingOf } from './judge.ts';
import type { AnswerRecord, Asked, DnsObservation } from './observation.ts';
import { rcodeName, rcodeText } from './rcodes.ts';
import { type Answered, type Seen, sortSeen } from './seen.ts';

const MOST_RECORDS = 64;
const MOST_CHARACTERS = 512;

type Figure = MetricValue | { readonly absent: AbsenceReason };

/** The outcome of a dns run. */
export function summarizeDns(observations: readonly DnsObservation[], target: Target, options: DnsOptions): Outcome {
  const seen = sortSeen(observations);
  const finding = findingOf(seen, target, options);
  const answered = seen.asked?.end === 'answered' ? seen.asked : undefined;
  const { metrics, absent } = split(figures(seen, answered, finding, options));
  const kernel = answered?.stamps === 'kernel' && seen.cut === undefined ? 1 : 0;
  const stamps = { kernel, process: answered === undefined ? 0 : 1 - kernel };
  const outcome = { verdict: verdictOf(finding), metrics, absent, stamps, detail: detailOf(seen, answered) };
  const timedDuring = {
    setup_time_ms: seen.connected?.during ?? [],
    resolution_time_ms: resolutionDuring(seen, answered),
  };
  return finding === undefined ? { ...outcome, timedDuring } : { ...outcome, timedDuring, finding };
}

function figures(
  seen: Seen,
  answered: Answered | undefined,
  finding: Finding | undefined,
  options: DnsOptions,
): Record<string, Figure> {
  const none: Figure = { absent: finding?.cause === 'timeout' ? 'timed_out' : 'run_failed' };
  const ttls = answered?.answer.records.map(({ ttl }) => ttl) ?? [];
  return {
    resolution_time_ms: answered === undefined ? none : resolutionMs(seen, answered),
    setup_time_ms: options.transport === 'udp' ? { absent: 'not_applicable' } : (seen.connected?.ms ?? none),
    rcode: answered?.answer.rcode ?? none,
    answers: answered?.answer.records.length ?? none,
    ttl_min_s:
      ttls.length > 0 ? Math.min(...ttls) : answered === undefined ? none : { absent: 'not_offered_by_target' },
    authenticated_data: authenticatedFigure(seen, answered, options) ?? none,
    truncated: truncatedFigure(seen, answered, options) ?? none,
    cache_hit_pct: options.cacheQueries === 0 ? { absent: 'not_requested' } : cacheFigure(seen.cache),
  };
}

/**
 * Every step counts: a question that was refused because of EDNS, and after a truncated answer the question over UDP,
 * the connection and the question over TCP.
 */
function resolutionMs(seen: Seen, answered: Answered): number {
  const { cut, connected } = seen;
  const before = ednsRefusedMs(seen);
  return before + (cut === undefined ? answered.ms : cut.ms + (connected?.ms ?? 0) + answered.ms);
}

/** When the process's clock timed the steps of {@link resolutionMs}. */
function resolutionDuring({ cut, connected, ednsRefused }: Seen, answered: Answered | undefined): readonly Span[] {
  const refused = ednsRefused?.before === 'question' ? ednsRefused.asked : undefined;
  const asked = [refused, cut, answered].flatMap((one) => (one?.end === 'answered' ? one.during : []));
  return cut === undefined ? asked : [...asked, ...(connected?.during ?? [])];
}

/** 0 if no query was refused, or only one about the cache, which no figure includes. */
function ednsRefusedMs({ ednsRefused }: Seen): number {
  return ednsRefused?.before === 'question' && ednsRefused.asked.end === 'answered' ? ednsRefused.asked.ms : 0;
}

/** A query without EDNS cannot request it. */
function authenticatedFigure(
  { ednsRefused }: Seen,
  answered: Answered | undefined,
  { dnssec }: DnsOptions,
): Figure | undefined {
  if (!dnssec) return { absent: 'not_requested' };
  return ednsRefused === undefined ? answered?.answer.authenticated : { absent: 'not_offered_by_target' };
}

function truncatedFigure({ cut }: Seen, answered: Answered | undefined, { transport }: DnsOptions): Figure | undefined {
  if (transport !== 'udp') return { absent: 'not_applicable' };
  if (cut !== undefined) return true;
  return answered === undefined ? undefined : false;
}

function split(all: Record<string, Figure>) {
  const metrics: Record<string, MetricValue> = {};
  const absent: Record<string, AbsenceReason> = {};
  for (const { id } of dns.metrics) {
    const figure = all[id] ?? { absent: 'run_failed' };
    if (typeof figure === 'object') absent[id] = figure.absent;
    else metrics[id] = figure;
  }
  return { metrics, absent: absent as Absences };
}

/** Written field by field, because object spreads were the slowest step of a run's summary. */
function detailOf(seen: Seen, answered: Answered | undefined): Outcome['detail'] {
  const { resolver, connected, cut, cache } = seen;
  const detail: Record<string, Json> = {};
  if (resolver !== undefined) {
    detail.resolver = resolver.at;
    detail.resolver_of = resolver.named ? 'test' : 'system';
    detail.transport = resolver.transport;
    detail.name = resolver.name;
    if (resolver.reason !== 'only') detail.address_reason = resolver.reason;
  }
  const { attempts = [] } = connected ?? seen.fault ?? {};
  if (attempts.length > 0) detail.connection_attempts = attempts;
  if (connected !== undefined && connected.protocol !== null) detail.protocol = connected.protocol;
  if (answered !== undefined) addAnswer(detail, answered);
  const first = cut ?? answered;
  if (first !== undefined) detail.attempts = first.sent;
  if (cut !== undefined) {
    detail.asked_again_over = 'tcp';
    detail.udp_ms = cut.ms;
    detail.tcp_setup_ms = connected?.ms ?? null;
  }
  if (seen.ednsRefused !== undefined) addEdns(detail, seen, answered);
  if (cache.length > 0) detail.cache_queries = cache.map(cacheText);
  addIgnored(detail, seen);
  return detail;
}

function addEdns(detail: Record<string, Json>, seen: Seen, answered: Answered | undefined): void {
  const refused = seen.ednsRefused?.asked;
  if (refused?.end !== 'answered') return;
  const { rcode } = refused.answer;
  // The same code without EDNS: so EDNS was not the reason.
  detail.edns = answered?.answer.rcode === rcode ? 'refused like a query without it' : 'refused';
  detail.edns_refused_with = rcodeText(rcode);
  if (seen.ednsRefused?.before === 'question') detail.edns_refused_ms = refused.ms;
}

function addAnswer(detail: Record<string, Json>, { answer }: Answered): void {
  const { records, negative, unrelatedRecords, malformedRecords, unreadableTail } = answer;
  detail.rcode = rcodeText(answer.rcode);
  if (negative !== null) detail[negative] = true;
  detail.authoritative = answer.authoritative;
  detail.recursion_available = answer.recursionAvailable;
  if (records.length > 0) detail.answers = records.slice(0, MOST_RECORDS).map(recordJson);
  if (records.length > MOST_RECORDS) detail.answers_left_out = records.length - MOST_RECORDS;
  if (unrelatedRecords > 0) detail.unrelated_records = unrelatedRecords;
  if (malformedRecords > 0) detail.malformed_records = malformedRecords;
  if (unreadableTail) detail.unreadable_sections = true;
}

function addIgnored(detail: Record<string, Json>, { cache, cut, asked, ednsRefused }: Seen): void {
  const all = [...cache, ednsRefused?.asked, cut, asked].flatMap((one) => one?.ignored ?? []);
  const count = all.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return;
  detail.ignored_messages = count;
  detail.ignored_because = [...new Set(all.flatMap(({ why }) => why))];
}

const recordJson = ({ name, type, ttl, data }: AnswerRecord): Json => ({
  name,
  type,
  ttl_s: ttl,
  data: data.length > MOST_CHARACTERS ? `${data.slice(0, MOST_CHARACTERS)}...` : data,
});

function cacheText(asked: Asked): string {
  if (asked.end !== 'answered') return asked.end;
  return `${rcodeName(asked.answer.rcode)}, ${asked.answer.records.length} records`;
}

function verdictOf(finding: Finding | undefined): Outcome['verdict'] {
  if (finding === undefined) return 'up';
  if (finding.side === 'agent' || finding.side === 'resolver') return 'unknown';
  return finding.cause === 'loss' ? 'degraded' : 'down';
}

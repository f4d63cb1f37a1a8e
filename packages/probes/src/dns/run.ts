import hostDns from 'node:dns';
import { addressFamily } from '../contract/common-options.ts';
import { type Addresses, type RunContext, RunFailure } from '../contract/context.ts';
import { endpoint } from '../contract/network-error.ts';
import { declareRunner } from '../contract/runner.ts';
import type { Target } from '../contract/target.ts';
import { chooseAddress } from '../net/choose-address.ts';
import { kernelTimes } from '../net/kernel-times.ts';
import { type DnsOptions, dns } from './descriptor.ts';
import type { Endpoint, Line } from './line.ts';
import type { Asked, DnsObservation } from './observation.ts';
import { openLine } from './open-line.ts';
import { type Plan, planOf } from './plan.ts';
import { RCODES, rcodeName } from './rcodes.ts';
import { type NamedResolver, parseResolver } from './resolver-option.ts';
import { summarizeDns } from './summarize.ts';
import { askOverUdp } from './udp-query.ts';

/** Runs the dns probe: first the questions that test the cache, then one question to one resolver. */
export const dnsRunner = declareRunner(dns, {
  run: runDns,
  summarize: summarizeDns,
  describe,
  kernelTimed: ({ transport }) => transport === 'udp' && kernelTimes(),
});

async function* runDns(context: RunContext, { host }: Target, options: DnsOptions): AsyncGenerator<DnsObservation> {
  const { transport } = options;
  const plan = planOf(host, options);
  const resolver = plan.resolver ?? systemResolver(options);
  const addresses = await context.resolve(resolver.host, addressFamily(options.family));
  const chosen = chooseAddress(addresses, addressFamily(options.family));
  const isRaced = transport !== 'udp' && addresses.length > 1;
  const at = endpoint(isRaced ? resolver.host : chosen.address, resolver.port);
  context.log(`ask ${at} over ${transport} for ${options.type} of ${plan.question.name}`);
  const named = plan.resolver !== null;
  const reason = isRaced ? 'only' : chosen.reason;
  yield { kind: 'resolver', at, address: chosen.address, reason, transport, named, name: plan.question.name };
  if (transport === 'udp') {
    const line = udpLine(context, { ...chosen, port: resolver.port, at }, options);
    const { asked, wording } = yield* askAll(context, line, plan, plan, options);
    if (asked.end !== 'answered' || !asked.answer.truncated) return;
    yield { kind: 'truncated' };
    yield* askOver(context, 'tcp', [chosen], resolver, plan, wording, { ...options, cacheQueries: 0 });
  } else yield* askOver(context, transport, addresses, resolver, plan, plan, options);
}

/** The first resolver of this host's settings. */
function systemResolver({ transport }: DnsOptions): NamedResolver {
  // Not a named import, which would not follow a change of the settings.
  const [first] = hostDns.getServers();
  if (first === undefined)
    throw new RunFailure(
      { cause: 'resolver_failed', side: 'agent', operation: 'read the resolvers of this host' },
      'this host has no resolver in its settings: give one as the option resolver',
    );
  return parseResolver(first, transport);
}

/**
 * UDP needs no shared connection: each question has its own socket. Questions about the cache are not retransmitted.
 */
function udpLine(context: RunContext, where: Endpoint, { timeoutSeconds, attempts }: DnsOptions): Line {
  const timeoutMs = timeoutSeconds * 1000;
  return {
    ask: (question) => askOverUdp(context, where, question, { timeoutMs, attempts: question.recursive ? attempts : 1 }),
    close() {},
  };
}

async function* askOver(
  context: RunContext,
  transport: 'tcp' | 'tls' | 'https',
  addresses: Addresses,
  resolver: NamedResolver,
  plan: Plan,
  wording: Wording,
  options: DnsOptions,
): AsyncGenerator<DnsObservation> {
  const opened = await openLine(context, addresses, resolver, transport, options);
  const { attempts } = opened;
  if (opened.line === null) {
    context.log(opened.operation);
    yield { kind: 'not_connected', fault: opened.fault, operation: opened.operation, attempts };
    return;
  }
  try {
    const { setupMs: ms, setupBy: by, setupDuring: during, protocol, address } = opened;
    context.log(`connected in ${ms.toFixed(3)} ms`);
    yield { kind: 'connected', ms, by, during, protocol, address, at: endpoint(address, resolver.port), attempts };
    yield* askAll(context, opened.line, plan, wording, options);
  } finally {
    opened.line.close();
  }
}

/** The questions of a run, with EDNS or without. */
type Wording = Plan['plain'];

/** The result of the question, and its final form. */
interface AskedAll {
  readonly asked: Asked;
  readonly wording: Wording;
}

async function* askAll(
  context: RunContext,
  line: Line,
  { plain }: Plan,
  first: Wording,
  options: DnsOptions,
): AsyncGenerator<DnsObservation, AskedAll> {
  let wording = first;
  for (let count = 0; count < options.cacheQueries; count++) {
    let asked = await line.ask(wording.cacheQuestion);
    if (wording !== plain && refusesEdns(asked, options)) {
      yield { kind: 'edns_refused', asked, before: 'cache' };
      wording = plain;
      asked = await line.ask(wording.cacheQuestion);
    }
    context.log(`without recursion: ${askedText(asked)}`);
    yield { kind: 'cache', asked };
    if (asked.end === 'failed') break;
  }
  let asked = await line.ask(wording.question);
  context.log(askedText(asked));
  if (wording !== plain && refusesEdns(asked, options)) {
    yield { kind: 'edns_refused', asked, before: 'question' };
    wording = plain;
    asked = await line.ask(wording.question);
    context.log(`without EDNS: ${askedText(asked)}`);
  }
  yield { kind: 'asked', asked };
  return { asked, wording };
}

/**
 * A server without EDNS answers FORMERR, some answer NOTIMP, both without an OPT record: with one, the server speaks
 * EDNS, and the code has another reason. A server with another version of EDNS answers BADVERS.
 * Source: RFC 6891 sections 6.1.3 (BADVERS) and 7 (FORMERR)
 */
function refusesEdns(asked: Asked, { expectRcode }: DnsOptions): boolean {
  if (asked.end !== 'answered' || asked.answer.rcode === RCODES[expectRcode]) return false;
  const { rcode, edns } = asked.answer;
  return rcode === RCODES.BADVERS || (!edns && (rcode === RCODES.FORMERR || rcode === RCODES.NOTIMP));
}

function describe(seen: DnsObservation): string | null {
  switch (seen.kind) {
    case 'resolver':
      return null;
    case 'connected':
      return `connected in ${seen.ms.toFixed(3)} ms`;
    case 'not_connected':
      return seen.operation;
    case 'cache':
      return `without recursion: ${askedText(seen.asked)}`;
    case 'edns_refused':
      return `EDNS is refused: asking again without`;
    case 'truncated':
      return 'the answer was truncated: asking again over TCP';
    case 'asked':
      return askedText(seen.asked);
  }
}

function askedText(asked: Asked): string {
  switch (asked.end) {
    case 'answered':
      return `${rcodeName(asked.answer.rcode)}, ${asked.answer.records.length} records in ${asked.ms.toFixed(3)} ms`;
    case 'silent':
      return `no answer${asked.ignored.count === 0 ? '' : `, but ${asked.ignored.count} messages that are none`}`;
    case 'failed':
      return asked.operation;
  }
}

import { type NetworkFault, silenceOf } from '../contract/network-error.ts';
import type { Finding } from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import type { DnsOptions } from './descriptor.ts';
import { missingAnswer } from './expected-answers.ts';
import type { Asked, DnsResponse } from './observation.ts';
import { RCODES, rcodeName } from './rcodes.ts';
import type { Seen } from './seen.ts';

/** Why a run is not up; undefined when it is. A fault of the system's resolver makes the target unknown. */
export function findingOf(seen: Seen, target: Target, options: DnsOptions): Finding | undefined {
  const { resolver, fault, asked } = seen;
  const named = resolver?.named ?? options.resolver !== '';
  const operation = `ask ${resolver?.at ?? options.resolver} for ${options.type} of ${resolver?.name ?? target.host}`;
  if (fault !== undefined) return { ...ofResolver(fault.fault, named), operation: fault.operation };
  if (asked === undefined) return { cause: 'cancelled', side: 'agent', operation };
  switch (asked.end) {
    case 'failed':
      return { ...ofResolver(asked.fault, named), operation: asked.operation };
    case 'silent':
      return { ...ofResolver(silence(asked, resolver), named), operation: `${operation}: ${silenceText(asked)}` };
    case 'answered':
      return judgeAnswer(asked.answer, named, operation, options) ?? lossOf(seen, asked, operation);
  }
}

/** A resolver that the test names is itself measured; the system's resolver is only a means. */
function ofResolver(fault: NetworkFault, named: boolean): NetworkFault {
  if (named || (fault.side === 'agent' && fault.evidence === undefined)) return fault;
  return { ...fault, side: 'resolver' };
}

type Silent = Extract<Asked, { end: 'silent' }>;

/** Messages that are not answers arrived from the resolver's address, so its host is up. */
function silence({ ignored }: Silent, resolver: Seen['resolver']): NetworkFault {
  if (ignored.count > 0) return { cause: 'protocol_violation', side: 'target' };
  if (resolver === undefined) return { cause: 'timeout', side: 'path' };
  return silenceOf(resolver.address, resolver.transport !== 'udp');
}

function silenceText({ ignored, sent }: Silent): string {
  if (ignored.count > 0) return `only messages that are no answer came (wrong: ${ignored.why.join(', ')})`;
  return sent === 1 ? 'no answer' : `no answer to any of ${sent} queries`;
}

function judgeAnswer(answer: DnsResponse, named: boolean, operation: string, options: DnsOptions): Finding | undefined {
  if (answer.rcode !== RCODES[options.expectRcode]) {
    const said = `${operation}: ${receivedText(answer, options)}, expected ${options.expectRcode}`;
    return { ...rcodeFault(answer, named), operation: said };
  }
  const missing = missingAnswer(answer.records, options.expectAnswers);
  if (missing !== undefined)
    return {
      cause: answer.negative === 'no_data' ? 'no_data' : 'unexpected_answer',
      side: 'target',
      operation: `${operation}: ${JSON.stringify(missing)} is not among ${recordsText(answer, options)}`,
    };
  const { records, unrelatedRecords, malformedRecords } = answer;
  if (records.length > 0 || unrelatedRecords + malformedRecords === 0) return undefined;
  const operationText = `${operation}: none of ${unrelatedRecords + malformedRecords} records answers the question`;
  return { ...ofResolver({ cause: 'protocol_violation', side: 'target' }, named), operation: operationText };
}

function receivedText(answer: DnsResponse, { type }: DnsOptions): string {
  const name = rcodeName(answer.rcode);
  return answer.negative === 'no_data' ? `${name} without any ${type} record (the name exists)` : name;
}

function recordsText({ records, negative, unrelatedRecords }: DnsResponse, { type }: DnsOptions): string {
  const others = unrelatedRecords === 0 ? '' : `, beside ${unrelatedRecords} that answer another question`;
  if (negative === 'no_data') return `the answers: the name has no ${type} record${others}`;
  if (negative === 'referral') return `the answers: the resolver only named other servers`;
  return `the ${records.length} answers${others}`;
}

function rcodeFault({ rcode, negative }: DnsResponse, named: boolean): NetworkFault {
  switch (rcode) {
    case RCODES.NXDOMAIN:
      return { cause: 'nxdomain', side: 'target' };
    case RCODES.NOERROR:
      return { cause: negative === 'no_data' ? 'no_data' : 'unexpected_answer', side: 'target' };
    case RCODES.SERVFAIL:
      return ofResolver({ cause: 'servfail', side: 'target' }, named);
    case RCODES.REFUSED:
      return ofResolver({ cause: 'refused', side: 'target' }, named);
    default:
      return ofResolver({ cause: 'unexpected_answer', side: 'target' }, named);
  }
}

function lossOf(
  { cut, ednsRefused }: Seen,
  asked: Extract<Asked, { end: 'answered' }>,
  operation: string,
): Finding | undefined {
  const refused = ednsRefused?.before === 'question' && ednsRefused.asked.end === 'answered' ? ednsRefused.asked : null;
  const sent = Math.max((cut ?? asked).sent, refused?.sent ?? 1);
  if (sent === 1) return undefined;
  return { cause: 'loss', side: 'path', operation: `${operation}: answered only after ${sent} queries` };
}

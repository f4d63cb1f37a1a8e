import type { NetworkFault } from '../contract/network-error.ts';
import type { Finding } from '../contract/outcome.ts';
import type { Target } from '../contract/target.ts';
import type { DnsOptions } from './descriptor.ts';
import { missingAnswer } from './expected-answers.ts';
import type { Answer, Asked } from './observation.ts';
import { RCODES, rcodeName } from './rcodes.ts';
import type { Seen } from './seen.ts';

/** Why a run is not up; undefined when it is. What only the system's resolver can be blamed for leaves the target unknown. */
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
      return { ...ofResolver(silence(asked), named), operation: `${operation}: ${silenceText(asked)}` };
    case 'answered':
      return judgeAnswer(asked.answer, named, operation, options) ?? lossOf(seen, asked, operation);
  }
}

/** A resolver that the test names is measured itself; the system's is only the way to the answer. */
function ofResolver(fault: NetworkFault, named: boolean): NetworkFault {
  if (named || fault.side === 'agent') return fault;
  return { cause: fault.cause, side: 'resolver' };
}

type Silent = Extract<Asked, { end: 'silent' }>;

const silence = ({ mismatches }: Silent): NetworkFault => ({
  cause: mismatches.length > 0 ? 'protocol_violation' : 'timeout',
  side: 'target',
});

function silenceText({ mismatches, sent }: Silent): string {
  if (mismatches.length > 0)
    return `only messages that are no answer came (wrong: ${[...new Set(mismatches)].join(', ')})`;
  return sent === 1 ? 'no answer' : `no answer to any of ${sent} queries`;
}

function judgeAnswer(answer: Answer, named: boolean, operation: string, options: DnsOptions): Finding | undefined {
  const got = rcodeName(answer.rcode);
  if (answer.rcode !== RCODES[options.expectRcode]) {
    const said = `${operation}: ${got}, expected ${options.expectRcode}`;
    return { ...rcodeFault(answer.rcode, named), operation: said };
  }
  const missing = missingAnswer(answer.records, options.expectAnswers);
  if (missing === undefined) return undefined;
  const operationText = `${operation}: ${JSON.stringify(missing)} is not among the ${answer.records.length} answers`;
  return { cause: 'unexpected_answer', side: 'target', operation: operationText };
}

function rcodeFault(rcode: number, named: boolean): NetworkFault {
  switch (rcode) {
    case RCODES.NXDOMAIN:
      return { cause: 'nxdomain', side: 'target' };
    case RCODES.NOERROR:
      return { cause: 'unexpected_answer', side: 'target' };
    case RCODES.SERVFAIL:
      return ofResolver({ cause: 'servfail', side: 'target' }, named);
    case RCODES.REFUSED:
      return ofResolver({ cause: 'refused', side: 'target' }, named);
    default:
      return ofResolver({ cause: 'unexpected_answer', side: 'target' }, named);
  }
}

function lossOf({ cut }: Seen, asked: Extract<Asked, { end: 'answered' }>, operation: string): Finding | undefined {
  const { sent } = cut ?? asked;
  if (sent === 1) return undefined;
  return { cause: 'loss', side: 'path', operation: `${operation}: answered only after ${sent} queries` };
}

import type { TLSSocket } from 'node:tls';
import { explained, faultOf, type NetworkFault } from '../contract/network-error.ts';
import type { Span } from '../contract/outcome.ts';
import { isLimitFault, isViolation, readFaultText } from '../net/http1/read-fault.ts';
import { NONE_IGNORED } from './ignored.ts';
import { type Question, readAnswer } from './message.ts';
import type { Asked } from './observation.ts';

/** The media type of a DNS message. Source: RFC 8484 section 6 */
export const DNS_MESSAGE = 'application/dns-message';

/** A DNS message has 65,535 bytes at most. */
export const MOST_BODY = 65_535;

/** Replaces an errno where a body is longer than any DNS message. */
export const TOO_LONG = 'too_long';

/** RFC 8484 section 4.1 wants id 0, so that answers can be cached; TLS guards against forged ones. */
export const HTTPS_ID = 0;

/** A secured connection to a resolver that speaks HTTP. */
export interface HttpsWay {
  readonly secure: TLSSocket;
  /** Host, and port where it is not 443, as the request names it. */
  readonly authority: string;
  readonly path: string;
  readonly at: string;
}

/** The result of an HTTP exchange: a complete answer, a timeout or a failure. */
export type HttpsEnd =
  | {
      readonly status: number;
      /** Content type, and content coding ('' for none). */
      readonly type: string;
      readonly coding: string;
      readonly body: Buffer;
      readonly during: Span;
    }
  | { readonly silent: true }
  | { readonly fault: NetworkFault; readonly code: string };

/**
 * The result of an exchange that failed with this code: an errno's name, a fault of an HTTP reader, `closed` or
 * `timeout`.
 */
export function httpsEndOf(code: string): HttpsEnd {
  if (code === 'timeout') return { silent: true };
  if (code === 'closed') return { fault: { cause: 'closed_early', side: 'target' }, code: 'the answer was cut' };
  if (code === TOO_LONG)
    return {
      fault: { cause: 'protocol_violation', side: 'target' },
      code: `more than the ${MOST_BODY} bytes of a DNS message`,
    };
  const text = readFaultText(code) ?? code;
  if (isLimitFault(code)) return { fault: { cause: 'local_resource', side: 'agent' }, code: text };
  const isProtocol = isViolation(code) || code.startsWith('ERR_HTTP2_');
  return { fault: isProtocol ? { cause: 'protocol_violation', side: 'target' } : faultOf(code), code: text };
}

/** Converts the result of an HTTP exchange to that of the question in it. */
export function httpsAsked(end: HttpsEnd, question: Question, at: string): Asked {
  if ('silent' in end) return { end: 'silent', sent: 1, ignored: NONE_IGNORED };
  if ('fault' in end) return failed(end.fault, explained(`ask ${at}: ${end.code}`, end.code));
  if (end.status !== 200)
    return failed({ cause: 'unexpected_status', side: 'target' }, `ask ${at}: HTTP status ${end.status}`);
  if (end.type.split(';')[0]?.trim().toLowerCase() !== DNS_MESSAGE)
    return failed({ cause: 'protocol_violation', side: 'target' }, `ask ${at}: content type ${end.type || 'missing'}`);
  if (end.coding !== '' && end.coding.toLowerCase() !== 'identity')
    return failed(
      { cause: 'protocol_violation', side: 'target' },
      `ask ${at}: content coding ${end.coding}, not asked for`,
    );
  const read = readAnswer(end.body, question, (id) => id === HTTPS_ID);
  if (typeof read === 'string') return { end: 'silent', sent: 1, ignored: { count: 1, why: [read] } };
  const { answer } = read;
  const ms = end.during.toMs - end.during.fromMs;
  return { end: 'answered', answer, ms, stamps: 'process', during: [end.during], sent: 1, ignored: NONE_IGNORED };
}

const failed = (fault: NetworkFault, operation: string): Asked => ({
  end: 'failed',
  fault,
  operation,
  ignored: NONE_IGNORED,
});

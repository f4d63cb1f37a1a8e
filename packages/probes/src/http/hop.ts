import { certificateCause } from '../contract/certificate-fault.ts';
import type { RunContext } from '../contract/context.ts';
import { endpoint, explained, failureAt, type NetworkFault, silenceOf } from '../contract/network-error.ts';
import type { Finding } from '../contract/outcome.ts';
import { headerValuesOf } from '../net/http1/header-lookup.ts';
import { isLimitFault, isViolation, readFaultText } from '../net/http1/read-fault.ts';
import type { Patience } from '../net/patience.ts';
import type { Connections, Link, Opened } from './connections.ts';
import type { CookieJar } from './cookie-jar.ts';
import type { HttpOptions } from './descriptor.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { bytesToKeep } from './final-body.ts';
import type { Head, Hop, Transaction } from './observation.ts';
import { originOf, shownUrl } from './origin.ts';
import { type Asked, requestHeaders } from './request.ts';

/** Settings and services of a transaction. */
export interface TransactionSetting {
  readonly context: RunContext;
  readonly connections: Connections;
  readonly cookies: CookieJar;
  readonly options: HttpOptions;
  readonly role: Transaction['role'];
  /** Whether to keep connections for later requests of the run. */
  readonly keepAlive: boolean;
}

/** The result of one hop: a complete head and `exchanged`, or a finding. */
export interface HopEnd {
  readonly hop: Hop;
  readonly finding: Finding | null;
  readonly exchanged: Exchanged | null;
}

/**
 * Sends one request over a kept or new connection and reads its answer. Times of the hop count from `zeroMs`.
 * @throws the signal's reason, and only that
 */
export async function oneHop(
  asked: Asked,
  setting: TransactionSetting,
  patience: Patience,
  zeroMs: number,
): Promise<HopEnd> {
  const { context, connections, cookies } = setting;
  const origin = originOf(asked.url);
  const opened = await connections.open(origin, patience);
  const { link, connection } = opened;
  const untrusted = certificateFinding(asked, opened, setting.options);
  if (link === null || connection === null || untrusted !== null) {
    link?.stream.destroy();
    link?.raw.destroy();
    const hop = hopOf(asked, opened, null, context.clock.monotonicMs() - zeroMs, bytesOf(link));
    return { hop, finding: opened.finding ?? untrusted, exchanged: null };
  }
  const exchanged = await exchange({
    stream: link.stream,
    raw: link.raw,
    method: asked.method,
    path: asked.url.pathname + asked.url.search,
    headers: requestHeaders(asked, setting.options, setting.keepAlive, cookies.for(asked.url, context.clock.wallMs())),
    body: asked.body,
    maxBodyBytes: setting.options.maxBodyBytes,
    bytesToKeep: (head) => (setting.role === 'plain' ? bytesToKeep(head, setting.options) : 0),
    keepAlive: setting.keepAlive,
    patience,
    clock: context.clock,
    signal: context.signal,
  });
  // The server may have closed a kept connection just as the request was sent. RFC 9112 section 9.3.1 allows a retry.
  if (
    link.kept &&
    exchanged.code !== null &&
    exchanged.firstByteMs === null &&
    exchanged.code !== 'timeout' &&
    asked.method !== 'POST'
  )
    return oneHop(asked, setting, patience, zeroMs);
  if (exchanged.answer !== null)
    cookies.store(asked.url, headerValuesOf(exchanged.answer.rawHeaders, 'set-cookie'), context.clock.wallMs());
  if (exchanged.reusable) connections.keep(origin, link, connection);
  const hop = hopOf(asked, opened, headOf(exchanged, zeroMs), exchanged.endedMs - zeroMs, bytesOf(link));
  const finding = exchangeFinding(asked, exchanged, connection.address, link);
  if (finding !== null) context.log(`${finding.operation}: ${exchanged.code}`);
  return { hop, finding, exchanged };
}

const bytesOf = (link: Link | null): number => (link === null ? 0 : link.raw.bytesRead - link.bytesBefore);

function hopOf(asked: Asked, opened: Opened, head: Head | null, endMs: number, wireBytes: number): Hop {
  const { dnsMs, dnsDuring, connection, failedAttempts, attempts, originKnown } = opened;
  const url = asked.url.href;
  const hop = { url, dnsMs, dnsDuring, connection, head, failedAttempts, endMs, wireBytes, originKnown };
  return attempts === undefined ? hop : { ...hop, attempts };
}

function headOf({ answer, firstByteMs, startedMs, irregularities }: Exchanged, zeroMs: number): Head | null {
  if (answer === null || firstByteMs === null) return null;
  return {
    status: answer.status,
    protocol: `HTTP/${answer.version}`,
    rawHeaders: answer.rawHeaders,
    firstByteMs: firstByteMs - zeroMs,
    waitMs: firstByteMs - startedMs,
    irregularities,
  };
}

function certificateFinding(asked: Asked, { connection }: Opened, { verifyCertificate }: HttpOptions): Finding | null {
  const fault = connection?.tls?.fault ?? null;
  if (fault === null || !verifyCertificate) return null;
  return {
    cause: certificateCause(fault),
    side: 'target',
    operation: `verify the certificate of ${asked.url.hostname}: ${fault}`,
  };
}

function exchangeFinding(asked: Asked, { code, answer }: Exchanged, address: string, { raw }: Link): Finding | null {
  if (code === null) return null;
  const port = raw.remotePort ?? originOf(asked.url).port;
  const stage = readFaultText(code) ?? (answer === null ? 'answer' : 'body');
  return {
    ...exchangeFault(code, address),
    operation: explained(`${asked.method} ${shownUrl(asked.url.href)} at ${endpoint(address, port)}: ${stage}`, code),
  };
}

function exchangeFault(code: string, address: string): NetworkFault {
  if (code === 'timeout') return silenceOf(address, true);
  if (code === 'closed') return { cause: 'closed_early', side: 'target' };
  if (isViolation(code)) return { cause: 'protocol_violation', side: 'target' };
  if (isLimitFault(code)) return { cause: 'local_resource', side: 'agent' };
  return failureAt(address, code);
}

import type { IncomingMessage } from 'node:http';
import { certificateCause } from '../contract/certificate-fault.ts';
import type { RunContext } from '../contract/context.ts';
import { endpoint, faultOf, type NetworkFault } from '../contract/network-error.ts';
import type { Finding } from '../contract/outcome.ts';
import type { Connections, Link, Opened } from './connections.ts';
import { judgeContent } from './content-check.ts';
import { undoEncodings } from './content-coding.ts';
import type { HttpOptions } from './descriptor.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { headerOf } from './header-lookup.ts';
import type { Body, ContentFault, Head, Hop, Transaction } from './observation.ts';
import { originOf, shownUrl } from './origin.ts';
import { Patience } from './patience.ts';
import { type Asked, nextAfter, requestHeaders } from './request.ts';

/** What a transaction is made with. */
export interface TransactionSetting {
  readonly context: RunContext;
  readonly connections: Connections;
  readonly options: HttpOptions;
  readonly role: Transaction['role'];
  /** Connections are kept for later requests of the run. */
  readonly keepAlive: boolean;
}

interface HopEnd {
  readonly hop: Hop;
  readonly finding: Finding | null;
  readonly exchanged: Exchanged | null;
}

/**
 * Sends one request and follows its redirects; every failure of the network or the target is in what it returns.
 * @throws the signal's reason, and only that
 */
export async function transact(first: Asked, setting: TransactionSetting): Promise<Transaction> {
  const { context, options, role } = setting;
  const { clock } = context;
  const startedMs = clock.monotonicMs();
  const patience = new Patience(clock, options.timeoutSeconds * 1000);
  const hops: Hop[] = [];
  let asked = first;
  for (;;) {
    const { hop, finding, exchanged } = await oneHop(asked, setting, patience, startedMs);
    hops.push(hop);
    const ended = { kind: 'transaction', role, hops, contentFaults: [], body: null } as const;
    if (finding !== null || exchanged === null || hop.head === null)
      return { ...ended, fault: finding, wallMs: clock.wallMs() };
    const next = role === 'plain' && options.followRedirects ? nextAfter(asked, hop.head, hops.length, options) : null;
    if (next === null) return { ...ended, ...(await finalBody(hop, exchanged, setting)), wallMs: clock.wallMs() };
    if ('cause' in next) return { ...ended, fault: next, wallMs: clock.wallMs() };
    context.log(`${hop.head.status}, on to ${shownUrl(next.url.href)}`);
    asked = next;
  }
}

async function oneHop(asked: Asked, setting: TransactionSetting, patience: Patience, zeroMs: number): Promise<HopEnd> {
  const { context, connections } = setting;
  const opened = await connections.open(originOf(asked.url), patience);
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
    headers: requestHeaders(asked, setting.options, setting.keepAlive),
    body: asked.body,
    maxBodyBytes: setting.options.maxBodyBytes,
    keepContent: (answer) => setting.role === 'plain' && wantsContent(answer, setting.options),
    keepAlive: setting.keepAlive,
    timeoutMs: patience.leftMs(),
    clock: context.clock,
    signal: context.signal,
  });
  // A kept connection may have been closed just as the request went out: RFC 9112 section 9.3.1 has it sent again.
  if (
    link.kept &&
    exchanged.code !== null &&
    exchanged.firstByteMs === null &&
    exchanged.code !== 'timeout' &&
    asked.method !== 'POST'
  )
    return oneHop(asked, setting, patience, zeroMs);
  if (exchanged.reusable && setting.keepAlive) connections.keep(originOf(asked.url), link, connection);
  else link.raw.destroy();
  const hop = hopOf(asked, opened, headOf(exchanged, zeroMs), exchanged.endedMs - zeroMs, bytesOf(link));
  const finding = exchangeFinding(asked, exchanged, connection.address, link);
  if (finding !== null) context.log(`${finding.operation}: ${exchanged.code}`);
  return { hop, finding, exchanged };
}

const bytesOf = (link: Link | null): number => (link === null ? 0 : link.raw.bytesRead - link.bytesBefore);

function hopOf(asked: Asked, opened: Opened, head: Head | null, endMs: number, wireBytes: number): Hop {
  const { dnsMs, connection, failedAttempts, originKnown } = opened;
  return { url: asked.url.href, dnsMs, connection, head, failedAttempts, endMs, wireBytes, originKnown };
}

function headOf({ answer, firstByteMs, startedMs }: Exchanged, zeroMs: number): Head | null {
  if (answer === null || firstByteMs === null) return null;
  return {
    status: answer.statusCode ?? 0,
    protocol: `HTTP/${answer.httpVersion}`,
    rawHeaders: answer.rawHeaders,
    firstByteMs: firstByteMs - zeroMs,
    waitMs: firstByteMs - startedMs,
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
  const stage = answer === null ? 'answer' : 'body';
  return {
    ...exchangeFault(code),
    operation: `${asked.method} ${shownUrl(asked.url.href)} at ${endpoint(address, port)}: ${stage}`,
  };
}

function exchangeFault(code: string): NetworkFault {
  if (code === 'timeout') return { cause: 'timeout', side: 'target' };
  if (code === 'closed') return { cause: 'closed_early', side: 'target' };
  if (code.startsWith('HPE_')) return { cause: 'protocol_violation', side: 'target' };
  if (code.startsWith('ERR_SSL_')) return { cause: 'tls_failed', side: 'target' };
  return faultOf(code);
}

function wantsContent(answer: IncomingMessage, options: HttpOptions): boolean {
  return (
    options.expectBody !== '' ||
    options.expectBodyRegex !== '' ||
    options.expectJsonPath !== '' ||
    headerOf(answer.rawHeaders, 'content-encoding') !== undefined
  );
}

interface BodyEnd {
  readonly body: Body;
  readonly contentFaults: readonly ContentFault[];
  readonly fault: Finding | null;
}

async function finalBody(hop: Hop, exchanged: Exchanged, { options, role }: TransactionSetting): Promise<BodyEnd> {
  const { encodedBytes, truncated, bytesAfterFirstRead, content } = exchanged;
  const rawHeaders = hop.head?.rawHeaders ?? [];
  const encoding = headerOf(rawHeaders, 'content-encoding') ?? null;
  const bare = { encodedBytes, encoding, truncated, bytesAfterFirstRead };
  if (role !== 'plain') return { body: { ...bare, decodedBytes: null }, contentFaults: [], fault: null };
  const undone = encoding === null ? null : await undoEncodings(encoding, content, truncated);
  if (undone === 'broken') {
    const operation = `undo Content-Encoding ${encoding} of ${shownUrl(hop.url)}`;
    const fault = { cause: 'protocol_violation', side: 'target', operation } as const;
    return { body: { ...bare, decodedBytes: null }, contentFaults: [], fault };
  }
  const plain = encoding === null ? content : undone === null ? null : [undone];
  const decodedBytes = encoding === null ? encodedBytes : (undone?.length ?? null);
  return { body: { ...bare, decodedBytes }, contentFaults: judgeContent(plain, rawHeaders, options), fault: null };
}

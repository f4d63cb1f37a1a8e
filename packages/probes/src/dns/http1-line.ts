import { codeOf } from '../contract/network-error.ts';
import { headerOf } from '../net/http1/header-lookup.ts';
import { requestBytes } from '../net/http1/request-bytes.ts';
import { type ResponseHead, ResponseReader } from '../net/http1/response-reader.ts';
import { DNS_MESSAGE, HTTPS_ID, type HttpsEnd, type HttpsWay, httpsAsked } from './https-answer.ts';
import { httpsExchange } from './https-exchange.ts';
import type { AskContext, Line } from './line.ts';
import { encodeQuery } from './message.ts';

/** Asks by POST over HTTP/1.1 on a persistent connection. Source: RFC 8484 section 4.1 */
export function http1Line(way: HttpsWay, context: AskContext, timeoutMs: number): Line {
  return {
    ask: async (question) =>
      httpsAsked(await post(way, context, timeoutMs, encodeQuery(question, HTTPS_ID)), question, way.at),
    close: () => way.secure.destroy(),
  };
}

function post(
  { secure, authority, path }: HttpsWay,
  context: AskContext,
  timeoutMs: number,
  query: Buffer,
): Promise<HttpsEnd> {
  return httpsExchange(context, timeoutMs, ({ data, answered, broke }) => {
    let head: ResponseHead | null = null;
    const found = (final: ResponseHead) => {
      head = final;
    };
    const reader = new ResponseReader({ head: found, content: data }, false);
    const release = () => secure.off('data', read).off('end', ended).off('close', ended).off('error', failed);
    const settle = () => {
      if (reader.state === 'reading') return;
      release();
      if (reader.state !== 'complete' || head === null) broke(reader.state);
      else {
        const { status, rawHeaders, persistent } = head;
        if (!persistent) secure.destroy();
        answered(status, headerOf(rawHeaders, 'content-type') ?? '', headerOf(rawHeaders, 'content-encoding') ?? '');
      }
    };
    const read = (bytes: Buffer) => {
      reader.push(bytes);
      settle();
    };
    const ended = () => {
      reader.end();
      settle();
    };
    const failed = (error: Error) => {
      release();
      broke(codeOf(error));
    };
    secure.on('data', read).on('end', ended).on('close', ended).on('error', failed);
    if (secure.destroyed) ended();
    else secure.write(Buffer.concat([requestBytes(requestOf(authority, path, query)), query]));
    return () => {
      release().on('error', () => {});
      secure.destroy();
    };
  });
}

/** The head of the request; its body is binary and is written separately. */
function requestOf(authority: string, path: string, query: Buffer) {
  const headers = {
    Host: authority,
    Accept: DNS_MESSAGE,
    'Accept-Encoding': 'identity',
    'Content-Type': DNS_MESSAGE,
    'Content-Length': String(query.length),
    Connection: 'keep-alive',
  };
  return { method: 'POST', path, headers: Object.entries(headers).flat(), body: '' };
}

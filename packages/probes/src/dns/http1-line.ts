import { request } from 'node:http';
import { codeOf } from '../contract/network-error.ts';
import { Patience } from '../contract/patience.ts';
import {
  DNS_MESSAGE,
  HTTPS_ID,
  type HttpsEnd,
  type HttpsWay,
  httpsAsked,
  httpsEndOf,
  MOST_BODY,
} from './https-answer.ts';
import type { AskContext, Line } from './line.ts';
import { encodeQuery } from './message.ts';

/** Asks by POST over HTTP/1.1 on a connection that is kept. Source: RFC 8484 section 4.1 */
export function http1Line(way: HttpsWay, context: AskContext, timeoutMs: number): Line {
  return {
    ask: async (question) =>
      httpsAsked(await post(way, context, timeoutMs, encodeQuery(question, HTTPS_ID)), question, way.at),
    close: () => way.secure.destroy(),
  };
}

function post(
  { secure, authority, path }: HttpsWay,
  { clock, signal }: AskContext,
  timeoutMs: number,
  query: Buffer,
): Promise<HttpsEnd> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    let over = false;
    const settle = () => {
      over = true;
      endWait();
      signal.removeEventListener('abort', abort);
    };
    const end = (how: HttpsEnd) => {
      if (over) return;
      settle();
      resolve(how);
    };
    const abort = () => {
      settle();
      sent.destroy();
      reject(signal.reason);
    };
    const patience = new Patience(clock, timeoutMs);
    const broke = (code: string) => {
      if (over) return;
      settle();
      resolve(httpsEndOf(patience.judged(code)));
      sent.destroy();
    };
    const errored = (error: Error) => broke(codeOf(error));
    const endWait = patience.wait(broke);
    signal.addEventListener('abort', abort);
    const startedMs = clock.monotonicMs();
    const sent = request({
      method: 'POST',
      path,
      headers: {
        host: authority,
        accept: DNS_MESSAGE,
        'content-type': DNS_MESSAGE,
        'content-length': query.length,
        connection: 'keep-alive',
      },
      createConnection: () => secure,
    });
    sent.on('error', errored);
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', errored);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MOST_BODY) chunks.push(chunk);
        else sent.destroy();
      });
      response.once('end', () =>
        end({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          body: Buffer.concat(chunks),
          ms: clock.monotonicMs() - startedMs,
        }),
      );
      response.once('close', () => broke('closed'));
    });
    sent.end(query);
  });
}

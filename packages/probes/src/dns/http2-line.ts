import { type ClientHttp2Session, connect } from 'node:http2';
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

/** Asks by POST over HTTP/2, the least version that resolvers should speak. Source: RFC 8484 section 5.2 */
export function http2Line(way: HttpsWay, context: AskContext, timeoutMs: number): Line {
  const session = connect(`https://${way.authority}`, { createConnection: () => way.secure });
  let broken: Error | null = null;
  session.on('error', (error) => {
    broken = error;
  });
  return {
    ask: async (question) => {
      const query = encodeQuery(question, HTTPS_ID);
      const how =
        broken === null ? await post(session, way.path, context, timeoutMs, query) : httpsEndOf(codeOf(broken));
      return httpsAsked(how, question, way.at);
    },
    close() {
      session.destroy();
      way.secure.destroy();
    },
  };
}

function post(
  session: ClientHttp2Session,
  path: string,
  { clock, signal }: AskContext,
  timeoutMs: number,
  query: Buffer,
): Promise<HttpsEnd> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    let status = 0;
    let type = '';
    let bytes = 0;
    const chunks: Buffer[] = [];
    const startedMs = clock.monotonicMs();
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      accept: DNS_MESSAGE,
      'content-type': DNS_MESSAGE,
      'content-length': query.length,
    });
    const settle = () => {
      endWait();
      signal.removeEventListener('abort', abort);
    };
    const end = (how: HttpsEnd) => {
      settle();
      resolve(how);
    };
    const abort = () => {
      settle();
      stream.close();
      reject(signal.reason);
    };
    const patience = new Patience(clock, timeoutMs);
    const broke = (code: string) => {
      settle();
      resolve(httpsEndOf(patience.judged(code)));
      stream.close();
    };
    const endWait = patience.wait(broke);
    signal.addEventListener('abort', abort);
    stream.on('error', (error) => broke(codeOf(error)));
    stream.once('response', (headers) => {
      status = headers[':status'] ?? 0;
      type = headers['content-type'] ?? '';
    });
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MOST_BODY) chunks.push(chunk);
      else stream.close();
    });
    stream.once('end', () => {
      if (status !== 0 && bytes <= MOST_BODY)
        end({ status, type, body: Buffer.concat(chunks), ms: clock.monotonicMs() - startedMs });
    });
    stream.once('close', () => broke('closed'));
    stream.end(query);
  });
}

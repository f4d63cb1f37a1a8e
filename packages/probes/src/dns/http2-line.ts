import { type ClientHttp2Session, connect } from 'node:http2';
import { codeOf } from '../contract/network-error.ts';
import { DNS_MESSAGE, HTTPS_ID, type HttpsEnd, type HttpsWay, httpsAsked, httpsEndOf } from './https-answer.ts';
import { httpsExchange } from './https-exchange.ts';
import type { AskContext, Line } from './line.ts';
import { encodeQuery } from './message.ts';

/** What a session may hold in memory, MB: one answer has 64 KB at most. */
const MOST_MEGABYTES = 4;

/** Asks by POST over HTTP/2, the lowest version that resolvers should support. Source: RFC 8484 section 5.2 */
export function http2Line(way: HttpsWay, context: AskContext, timeoutMs: number): Line {
  const session = connect(`https://${way.authority}`, {
    createConnection: () => way.secure,
    settings: { enablePush: false },
    maxSessionMemory: MOST_MEGABYTES,
  });
  let broken: Error | null = null;
  session.on('error', (error) => {
    broken = error;
  });
  return {
    ask: async (question) => {
      // A resolver may refuse further requests on a connection that it keeps open (GOAWAY).
      const gone = broken === null ? (session.closed ? 'closed' : null) : codeOf(broken);
      const how =
        gone === null
          ? await post(session, way.path, context, timeoutMs, encodeQuery(question, HTTPS_ID))
          : httpsEndOf(gone);
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
  context: AskContext,
  timeoutMs: number,
  query: Buffer,
): Promise<HttpsEnd> {
  return httpsExchange(context, timeoutMs, ({ data, answered, broke }) => {
    let status = 0;
    let type = '';
    let coding = '';
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      accept: DNS_MESSAGE,
      'accept-encoding': 'identity',
      'content-type': DNS_MESSAGE,
      'content-length': query.length,
    });
    stream.on('error', (error) => broke(codeOf(error)));
    stream.once('response', (headers) => {
      status = headers[':status'] ?? 0;
      type = headers['content-type'] ?? '';
      coding = headers['content-encoding'] ?? '';
    });
    stream.on('data', data);
    stream.once('end', () => (status === 0 ? broke('closed') : answered(status, type, coding)));
    stream.once('close', () => broke('closed'));
    stream.end(query);
    return () => stream.close();
  });
}

import { request } from 'node:http';
import { codeOf } from '../contract/network-error.ts';
import { DNS_MESSAGE, HTTPS_ID, type HttpsEnd, type HttpsWay, httpsAsked } from './https-answer.ts';
import { httpsExchange } from './https-exchange.ts';
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
  context: AskContext,
  timeoutMs: number,
  query: Buffer,
): Promise<HttpsEnd> {
  return httpsExchange(context, timeoutMs, ({ data, answered, broke }) => {
    const errored = (error: Error) => broke(codeOf(error));
    const sent = request({
      method: 'POST',
      path,
      headers: {
        host: authority,
        accept: DNS_MESSAGE,
        'accept-encoding': 'identity',
        'content-type': DNS_MESSAGE,
        'content-length': query.length,
        connection: 'keep-alive',
      },
      createConnection: () => secure,
    });
    sent.on('error', errored);
    sent.once('response', (response) => {
      response.on('error', errored);
      response.on('data', data);
      response.once('end', () => {
        const { 'content-type': type = '', 'content-encoding': coding = '' } = response.headers;
        answered(response.statusCode ?? 0, type, coding);
      });
      response.once('close', () => broke('closed'));
    });
    sent.end(query);
    return () => sent.destroy();
  });
}

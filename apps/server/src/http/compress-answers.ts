import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

type Encoding = 'br' | 'gzip';

/** Smaller texts are not worth it. No response with a secret reaches this size, so none is compressed. */
const LEAST_BYTES = 2048;
/** Levels 4 of 11 and 5 of 9: speed matters more than the last percent of size. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const GZIP = { level: 5 };

const brotliText = promisify<string, typeof BROTLI, Buffer>(brotliCompress);
const gzipText = promisify<string, typeof GZIP, Buffer>(gzip);

/** Compresses text responses to GET in Node's own threads, for clients that accept it. Streams are not compressed. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || payload.length < LEAST_BYTES) return payload;
    if (request.method !== 'GET' || reply.hasHeader('content-encoding')) return payload;
    reply.header('vary', withAcceptEncoding(reply.getHeader('vary')));
    const encoding = acceptedEncoding(request.headers['accept-encoding']);
    if (encoding === null) return payload;
    const compressed = encoding === 'br' ? await brotliText(payload, BROTLI) : await gzipText(payload, GZIP);
    reply.header('content-encoding', encoding).removeHeader('content-length');
    return compressed;
  });
}

/** The supported encoding that the client prefers, brotli if it has no preference. null: it accepts none. */
export function acceptedEncoding(header: string | string[] | undefined): Encoding | null {
  const wishes = new Map(
    String(header ?? '')
      .split(',')
      .map(wish),
  );
  const weight = (encoding: Encoding) => wishes.get(encoding) ?? wishes.get('*') ?? 0;
  const [br, gzipped] = [weight('br'), weight('gzip')];
  if (Math.max(br, gzipped) === 0) return null;
  return br >= gzipped ? 'br' : 'gzip';
}

/** Parses `gzip;q=0.5` to a name and its weight, 0 to 1. An invalid weight counts as 0. */
function wish(text: string): readonly [string, number] {
  const [name = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = quality === undefined ? 1 : Number(quality.slice(2));
  return [name === 'x-gzip' ? 'gzip' : name, weight > 0 && weight <= 1 ? weight : 0];
}

function withAcceptEncoding(vary: number | string | string[] | undefined): string {
  const named = vary === undefined ? [] : [vary].flat().map(String);
  return [...named, 'accept-encoding'].join(', ');
}

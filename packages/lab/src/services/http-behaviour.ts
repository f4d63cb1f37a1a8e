/**
 * The properties of an HTTP answer. A service has defaults; a request's query overrides them for that request:
 * `/?status=503&delayMs=200`.
 */
export interface HttpBehaviour {
  /** 200 when absent. */
  readonly status?: number;
  /** Delay before the first byte, ms. */
  readonly delayMs?: number;
  /** Body of this many bytes; absent: a short text. */
  readonly bodyBytes?: number;
  /** The body's text; overrides `bodyBytes`. */
  readonly body?: string;
  /** Compresses the body when the client accepts gzip. */
  readonly gzip?: boolean;
  /** Sends the body chunked in this many parts ... */
  readonly chunks?: number;
  /** ... this long apart, ms. */
  readonly chunkGapMs?: number;
  /** Redirects this many times before it answers. */
  readonly redirects?: number;
  /** Redirects there (status 302, or `status` when that is a 3xx). */
  readonly redirectTo?: string;
  /** Extra headers, `Name: value` each. */
  readonly header?: readonly string[];
  /** Sent as ETag; a request whose If-None-Match equals it gets 304. */
  readonly etag?: string;
  /** False: closes the connection after the answer. */
  readonly keepAlive?: boolean;
  /** Declares the whole body and closes the connection after this many bytes of it. */
  readonly cutAfterBytes?: number;
  /** Answers like a shared cache: the first request for a path takes `originDelayMs` more and is stored. */
  readonly edge?: boolean;
  /** Time of the origin behind `edge`, ms; 50 when absent. */
  readonly originDelayMs?: number;
}

const NUMBERS = [
  'status',
  'delayMs',
  'bodyBytes',
  'chunks',
  'chunkGapMs',
  'redirects',
  'cutAfterBytes',
  'originDelayMs',
];
const FLAGS = ['gzip', 'keepAlive', 'edge'];
const TEXTS = ['body', 'redirectTo', 'etag'];

/** The behaviour that a request's query sets, over the defaults. */
export function behaviourFor(query: URLSearchParams, defaults: HttpBehaviour): HttpBehaviour {
  const asked: { header?: string[] } & Record<string, unknown> = {};
  for (const [name, value] of query) {
    if (NUMBERS.includes(name)) asked[name] = Number(value);
    else if (FLAGS.includes(name)) asked[name] = value !== '0' && value !== 'false';
    else if (TEXTS.includes(name)) asked[name] = value;
  }
  if (query.has('header')) asked.header = query.getAll('header');
  return { ...defaults, ...asked };
}

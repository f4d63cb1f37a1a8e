import { z } from 'zod';
import { caField, familyField, RESOLVE_SECONDS, timeoutField } from '../contract/common-options.ts';
import { declareProbe, type OptionsOf } from '../contract/descriptor.ts';
import { readJsonCondition } from './content/json-condition.ts';
import { HEADER_EXPECTATION, HEADER_LINE, isOwnHeader, OPEN_HEADERS } from './header-option.ts';
import { httpMetrics } from './metrics.ts';
import { STATUS_RANGES } from './status-range.ts';

const HEAD_BYTES = 16_384;
const TLS_BYTES = 8_192;
const SEGMENT_BYTES = 1_448;
/** A page of 32 KiB with its TLS handshake and heads. */
const TYPICAL_BYTES = 40_960;

const headers = z
  .array(
    z
      .string()
      .max(4096)
      .regex(HEADER_LINE, 'write a header as "Name: value", without line breaks or control characters')
      .refine((line) => !isOwnHeader(line), 'this header is set by the probe itself: leave it out'),
  )
  .max(32);

const request = {
  method: z
    .enum(['GET', 'HEAD', 'POST'])
    .default('GET')
    .meta({ label: 'Method', description: 'Method of the requests' }),
  headers: headers.default([]).meta({
    label: 'Headers',
    description:
      'Sent with each request, each as "Name: value"; credentials do not follow a redirect to another server',
    flag: 'header',
    secret: { linesBut: OPEN_HEADERS },
  }),
  body: z.string().max(65_536).default('').meta({
    label: 'Body',
    description: 'Text sent as the body of a POST',
    advanced: true,
    secret: 'value',
    multiline: true,
  }),
  timeoutSeconds: timeoutField(10, 'Longest wait for a request and its redirects, up to the last byte'),
  family: familyField(),
  followRedirects: z
    .boolean()
    .default(true)
    .meta({ label: 'Follow redirects', description: 'Whether to go where a redirect points' }),
  maxRedirects: z
    .int()
    .min(0)
    .max(50)
    .default(20)
    .meta({ label: 'Most redirects', description: 'Redirects that are followed, one after the other', advanced: true }),
  compression: z.boolean().default(true).meta({
    label: 'Compression',
    description: 'Whether to accept compressed bodies (gzip, deflate, br)',
    advanced: true,
  }),
  maxBodyBytes: z.int().min(0).max(1_073_741_824).default(4_194_304).meta({
    label: 'Most body',
    description: 'Bytes of a body, as transferred, after which reading stops; what needs its end is then absent',
    unit: 'bytes',
    advanced: true,
  }),
  verifyCertificate: z
    .boolean()
    .default(true)
    .meta({ label: 'Verify certificate', description: 'Whether a certificate that does not verify means down' }),
  ca: caField(),
};

const expectations = {
  expectStatus: z
    .string()
    .max(200)
    .regex(STATUS_RANGES, 'write codes and ranges like 200-299,404')
    .default('200-399')
    .meta({ label: 'Expected status', description: 'Codes and ranges of the final status that are right' }),
  expectHeader: z
    .array(z.string().max(1024).regex(HEADER_EXPECTATION, 'write "Name" or "Name: text"'))
    .max(16)
    .default([])
    .meta({
      label: 'Expected headers',
      description: '"Name" must be in the final answer; of "Name: text" its value must hold the text',
    }),
  expectBody: z
    .string()
    .max(4096)
    .default('')
    .meta({ label: 'Expected text', description: 'Text that the body must hold' }),
  expectBodyRegex: z
    .string()
    .max(512)
    .refine(isPattern, 'this is no regular expression of JavaScript')
    .default('')
    .meta({
      label: 'Expected pattern',
      description: 'Regular expression (JavaScript) that the body must match',
    }),
  expectJsonPath: z
    .string()
    .max(512)
    .refine((text) => text === '' || readJsonCondition(text) !== null, 'write a path like a.b[0].c = value')
    .default('')
    .meta({
      label: 'Expected JSON value',
      description: 'Condition on a JSON body: a.b[0].c = value; also !=, <, <=, >, >=, or the path alone',
      flag: 'expect-json',
    }),
};

const measures = {
  requests: z.int().min(1).max(100).default(1).meta({
    label: 'Requests',
    description: 'Requests of one run; more than one share kept connections and measure their reuse',
  }),
  revalidate: z.boolean().default(false).meta({
    label: 'Revalidate',
    description: 'Whether to ask once more with the validators of the first answer (304 counts as a cache hit)',
    advanced: true,
  }),
  cdnCompare: z.int().min(0).max(20).default(0).meta({
    label: 'CDN comparison',
    description: 'Pairs of requests, one that the CDN’s edge may answer and one that it must pass on; 0 for none',
    advanced: true,
  }),
};

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** One or more HTTP requests, each phase timed on the connection's own events. */
export const http = declareProbe({
  id: 'http',
  label: 'HTTP',
  summary: 'Status, phases, caching and content of a URL over HTTP or HTTPS',
  target: { form: 'url' },
  options: z.strictObject({ ...request, ...expectations, ...measures }),
  metrics: httpMetrics,
  samples: [
    {
      id: 'ttfbs_ms',
      label: 'Times to first byte',
      description: 'Of each request in order; null where it failed. Only when a run has more than one',
      unit: 'ms',
      timed: 'process',
    },
  ],
  instance: null,
  needs: [],
  cost: (options) => {
    const hops = options.followRedirects ? 1 + options.maxRedirects : 1;
    const transactions = transactionsOf(options);
    const perHop = HEAD_BYTES + TLS_BYTES + 3 * options.body.length;
    const bytes = transactions * (hops * perHop + options.maxBodyBytes);
    const seconds = transactions * options.timeoutSeconds + 2 * RESOLVE_SECONDS + 1;
    const packets = Math.ceil((2 * bytes) / SEGMENT_BYTES);
    const typicalBytes = transactions * (TYPICAL_BYTES + options.body.length);
    return { packets, bytes, typicalBytes, seconds, leastSeconds: 0, resolvingSeconds: RESOLVE_SECONDS };
  },
  measuredBytes: ({ wire_bytes: bytes }, options) =>
    typeof bytes === 'number' ? bytes * transactionsOf(options) : null,
});

export type HttpOptions = OptionsOf<typeof http>;

/** Requests of a run at most, the redirects of each not counted. */
function transactionsOf(options: { requests: number; revalidate: boolean; cdnCompare: number }): number {
  return options.requests + (options.revalidate ? 1 : 0) + 2 * options.cdnCompare;
}

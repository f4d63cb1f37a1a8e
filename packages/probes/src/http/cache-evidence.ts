import { headerListOf, headerOf } from '../net/http1/header-lookup.ts';

/** Whether an answer's headers show that a cache served it; null when they do not say. */
export type CacheEvidence = { readonly hit: boolean; readonly by: string } | null;

/** Vendors' headers that contain hit or miss as words. */
const VENDOR_HEADERS = [
  'cf-cache-status',
  'x-cache',
  'x-cache-status',
  'x-vercel-cache',
  'cdn-cache',
  'x-cache-remote',
  'x-proxy-cache',
  'x-nginx-cache',
  'x-varnish-cache',
  'x-litespeed-cache',
  'x-drupal-cache',
] as const;

/** Limit on the characters read of a header, since a hostile one could keep a pattern busy. */
const MOST_CHARACTERS = 2048;

const HIT = /hit|stale|revalidated|updating|prerender/i;
const MISS = /miss|pass|expired|dynamic|fetch|uncacheable/i;

/**
 * Whether a cache gave the answer: by Cache-Status, else by a vendor's header, else by an Age above 0. An Age of 0
 * proves nothing: some caches add it to answers that they just fetched.
 * Source: RFC 9211 (hit), RFC 9111 section 5.1 (Age)
 */
export function cacheEvidence(rawHeaders: readonly string[]): CacheEvidence {
  const status = headerListOf(rawHeaders, 'cache-status');
  if (status !== undefined) return { hit: anyCacheHit(status), by: 'cache-status' };
  for (const name of VENDOR_HEADERS) {
    const value = headerListOf(rawHeaders, name);
    if (value !== undefined && HIT.test(value)) return { hit: true, by: name };
    if (value !== undefined && MISS.test(value)) return { hit: false, by: name };
  }
  return Number(headerOf(rawHeaders, 'age')) > 0 ? { hit: true, by: 'age' } : null;
}

/** One of the caches on the path had it: the member with the parameter `hit`, which may be written `hit=?1`. */
function anyCacheHit(list: string): boolean {
  const unquoted = list.slice(0, MOST_CHARACTERS).replace(/"(?:[^"\\]|\\.)*"/g, 'quoted');
  return unquoted.split(',').some((member) =>
    member
      .split(';')
      .slice(1)
      .some((parameter) => /^\s*hit\s*(=\s*\?1\s*)?$/.test(parameter)),
  );
}

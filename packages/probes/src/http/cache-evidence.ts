import { headerListOf, headerOf } from '../net/http1/header-lookup.ts';

/** What an answer says of where it came from; null when it says nothing. */
export type CacheEvidence = { readonly hit: boolean; readonly by: string } | null;

/** Vendors' headers that say hit or miss in words. */
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

/** A hostile header could keep a pattern busy: only so much of one is read. */
const MOST_CHARACTERS = 2048;

const HIT = /hit|stale|revalidated|updating|prerender/i;
const MISS = /miss|pass|expired|dynamic|fetch|uncacheable/i;

/**
 * Whether a cache gave the answer: by Cache-Status, else by a vendor's header, else by an Age above 0. An Age of 0 says
 * nothing: some caches add it to what they just fetched.
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

/** One of the caches on the way had it: the member with the parameter `hit`, which may be written `hit=?1`. */
function anyCacheHit(list: string): boolean {
  const unquoted = list.slice(0, MOST_CHARACTERS).replace(/"(?:[^"\\]|\\.)*"/g, 'quoted');
  return unquoted.split(',').some((member) =>
    member
      .split(';')
      .slice(1)
      .some((parameter) => /^\s*hit\s*(=\s*\?1\s*)?$/.test(parameter)),
  );
}

interface Mark {
  readonly cdn: string;
  readonly header: string;
  /** Absent: the header alone is enough. */
  readonly value?: RegExp;
}

/** Headers that identify content delivery networks, as their vendors document them. */
const MARKS: readonly Mark[] = [
  { cdn: 'Cloudflare', header: 'cf-ray' },
  { cdn: 'CloudFront', header: 'x-amz-cf-id' },
  { cdn: 'Fastly', header: 'x-fastly-request-id' },
  { cdn: 'Fastly', header: 'x-served-by', value: /^cache-/i },
  { cdn: 'Akamai', header: 'akamai-grn' },
  { cdn: 'Akamai', header: 'x-akamai-request-id' },
  { cdn: 'Akamai', header: 'server', value: /^akamai/i },
  { cdn: 'Azure Front Door', header: 'x-azure-ref' },
  { cdn: 'Vercel', header: 'x-vercel-id' },
  { cdn: 'Netlify', header: 'x-nf-request-id' },
  { cdn: 'Bunny', header: 'server', value: /^bunnycdn/i },
  { cdn: 'KeyCDN', header: 'server', value: /^keycdn/i },
  { cdn: 'Imperva', header: 'x-iinfo' },
  { cdn: 'Sucuri', header: 'x-sucuri-id' },
  { cdn: 'CDN77', header: 'server', value: /^cdn77/i },
  { cdn: 'Cloudflare', header: 'server', value: /^cloudflare/i },
  { cdn: 'Google', header: 'via', value: /\bgoogle\b/i },
];

const HEADERS = new Set(MARKS.map(({ header }) => header));

/**
 * The content delivery network that an answer's headers name; undefined when none does. The value of a bare `X-CDN` is
 * trusted.
 */
export function cdnName(rawHeaders: readonly string[]): string | undefined {
  const seen = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase();
    if (name === 'x-cdn' || HEADERS.has(name)) seen.set(name, rawHeaders[at + 1] ?? '');
  }
  if (seen.size === 0) return undefined;
  const mark = MARKS.find(({ header, value }) => seen.has(header) && (value?.test(seen.get(header) ?? '') ?? true));
  return mark?.cdn ?? (seen.get('x-cdn')?.slice(0, 64) || undefined);
}

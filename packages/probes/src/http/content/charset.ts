/** How much of a page is searched for its charset, bytes. Source: HTML Standard, section 13.2.3.2 (prescan) */
const PRESCAN_BYTES = 1024;

/**
 * The text of a body: by its byte order mark, else by its Content-Type, else by what the page itself declares, else as
 * UTF-8. Bytes that are invalid in the charset become U+FFFD.
 */
export function textOf(bytes: Uint8Array, contentType: string): string {
  const label = markOf(bytes) ?? charsetOf(contentType) ?? declaredIn(bytes, contentType) ?? 'utf-8';
  return decoderFor(label).decode(bytes);
}

function decoderFor(label: string) {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder('utf-8');
  }
}

function markOf([first, second, third]: Uint8Array): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xff && second === 0xfe ? 'utf-16le' : null;
}

function charsetOf(contentType: string): string | null {
  return /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ?? null;
}

/**
 * The charset that an HTML or XML page declares. A declared UTF-16 is wrong, since the declaration itself was read as
 * ASCII.
 */
function declaredIn(bytes: Uint8Array, contentType: string): string | null {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== '' && !/html|xml/.test(type)) return null;
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, PRESCAN_BYTES)).toString('latin1');
  const page = start.replace(/<!--[\s\S]*?-->/g, '');
  const label = metaCharset(page) ?? /^<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(page)?.[1] ?? null;
  if (label === null) return null;
  if (/^x-user-defined$/i.test(label)) return 'windows-1252';
  return /^(utf-?16|ucs-?2|unicode|iso-10646)/i.test(label) ? 'utf-8' : label;
}

function metaCharset(page: string): string | null {
  for (const [tag] of page.matchAll(/<meta[\s/][^>]*/gi)) {
    const direct = /[\s/"']charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(tag)?.[1];
    if (direct === undefined) continue;
    const inContent = /\bcontent\s*=\s*(?:"[^"]*charset|'[^']*charset|[^\s"'>]*charset)/i.test(tag);
    if (!inContent || /\bhttp-equiv\s*=\s*["']?\s*content-type/i.test(tag)) return direct;
  }
  return null;
}

/** The one way to write an IPv6 address (RFC 5952), without its zone; any other text is returned unchanged. */
export function canonical6(text: string): string {
  const url = `http://[${text.split('%')[0]}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : text;
}

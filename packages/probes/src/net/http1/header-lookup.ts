/** The first value of a header in a list of name, value, name, value ...; undefined when the header is not there. */
export function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === name.length && rawHeaders[at]?.toLowerCase() === name) return rawHeaders[at + 1];
  return undefined;
}

/** All values of a header in their order; empty when the header is not there. */
export function headerValuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === name.length && rawHeaders[at]?.toLowerCase() === name)
      values.push(rawHeaders[at + 1] ?? '');
  return values;
}

/** All values of a header that is a list, joined as RFC 9110 section 5.3 allows; undefined when it is not there. */
export function headerListOf(rawHeaders: readonly string[], name: string): string | undefined {
  const values = headerValuesOf(rawHeaders, name);
  return values.length === 0 ? undefined : values.join(', ');
}

/** A text in three parts: its beginning shared with others, its own part, its end shared with others. */
export interface TextParts {
  readonly head: string;
  readonly own: string;
  readonly tail: string;
}

/**
 * Splits each text into its own part and what all texts share. Where space is short, the shared parts can be cut and
 * no two texts look alike. Texts that are all equal, or a single one, are shared as a whole.
 */
export function partsOf(texts: readonly string[]): (text: string) => TextParts {
  const distinct = [...new Set(texts)];
  const [first = ''] = distinct;
  if (distinct.length < 2) return (text) => ({ head: text, own: '', tail: '' });
  const head = distinct.reduce((length, text) => Math.min(length, sharedHead(first, text)), first.length);
  const rest = distinct.map((text) => text.slice(head));
  const [firstRest = ''] = rest;
  const tail = rest.reduce((length, text) => Math.min(length, sharedTail(firstRest, text)), firstRest.length);
  return (text) => ({
    head: text.slice(0, head),
    own: text.slice(head, text.length - tail),
    tail: text.slice(text.length - tail),
  });
}

function sharedHead(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

function sharedTail(a: string, b: string): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a.at(-1 - length) === b.at(-1 - length)) length += 1;
  return length;
}

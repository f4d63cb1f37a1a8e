/** The parts of a request. */
export interface RequestParts {
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value ...; values are sent as Latin-1. */
  readonly headers: readonly string[];
  readonly body: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters would end a header or start another request
const UNSAFE = /[\0-\x08\x0a-\x1f\x7f]|[^\0-\xff]/;

/** Whether a text can be sent unchanged as a header's value. */
export const isSafeValue = (text: string): boolean => !UNSAFE.test(text);

/**
 * Encodes a request as bytes; a POST has a body.
 * @throws RangeError when a part contains a line break or another control character
 */
export function requestBytes({ method, path, headers, body }: RequestParts): Buffer {
  let head = `${method} ${path} HTTP/1.1\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const line = `${headers[at]}: ${headers[at + 1]}`;
    if (!isSafeValue(line)) throw new RangeError(`the header ${headers[at]} holds a control character`);
    head += `${line}\r\n`;
  }
  if (!isSafeValue(path)) throw new RangeError('the path holds a control character');
  head += '\r\n';
  return method === 'POST'
    ? Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)])
    : Buffer.from(head, 'latin1');
}

import { connect } from 'node:net';

/** Writes bytes to a new connection and returns what the server sends until it closes it. @throws Error after 25 s. */
export function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
    let text = '';
    socket.setTimeout(25_000, () => {
      socket.destroy();
      reject(new Error(`the connection is still open; it brought ${JSON.stringify(text)}`));
    });
    socket.on('data', (data) => {
      text += data.toString('latin1');
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

/** An HTTP/1.1 request as text; its connection ends with the answer unless the headers say otherwise. */
export function requestText(
  url: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const all = {
    host: new URL(url).host,
    connection: 'close',
    ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body}`;
}

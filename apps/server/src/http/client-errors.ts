import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemBody } from '../api/problem.ts';

interface ClientError extends Error {
  readonly code?: string;
}

/** Answers invalid or incomplete HTTP requests, and ends the connection. */
export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, detail } = explain(error.code);
  const body = JSON.stringify(problemBody(status, 'bad_request', detail));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function explain(code: string | undefined): { readonly status: number; readonly detail: string } {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, detail: 'The request took too long to arrive: send it again.' };
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, detail: 'The headers are larger than this server takes: send fewer or shorter ones.' };
    default:
      return { status: 400, detail: 'This is no HTTP request that can be read.' };
  }
}

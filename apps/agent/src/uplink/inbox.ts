import {
  issueWords,
  newerType,
  type ServerMessage,
  serverMessageSchema,
  wrongFields,
  wrongInWords,
} from '@netsonde/protocol';
import type { WebSocket } from 'ws';

/** With so many messages kept while nobody listens, the connection is not read any more. */
const MAX_WAITING = 64;

/** The connection ended; `message` says how. */
export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';
}

/** Reads a frame from the server; null where only newer versions know its type. @throws Error that names the field. */
function readServerMessage(data: unknown, isBinary: boolean): ServerMessage | null {
  if (isBinary) throw new Error('the server sent a binary frame; this agent speaks JSON: update one of the two');
  let json: unknown;
  try {
    json = JSON.parse(String(data));
  } catch {
    throw new Error('the server sent a frame that is not JSON: is this a Netsonde server?');
  }
  if (newerType(json, 'server') !== null) return null;
  const message = serverMessageSchema.safeParse(json, { error: issueWords });
  if (!message.success)
    throw new Error(
      `the server sent a message that this agent does not understand: ${wrongInWords(wrongFields(message.error))}`,
    );
  return message.data;
}

/** 1006: the connection ended without a close frame. Source: RFC 6455 section 7.4.1. */
function closedWords(code: number): string {
  return code === 1006
    ? 'the connection was lost: the server, or something on the way to it, went away'
    : `the server closed the connection (${code})`;
}

/** The server's messages in order. Messages that arrive before there is a listener are kept. */
export class Inbox {
  readonly #socket: WebSocket;
  #waiting: ServerMessage[] = [];
  #error: Error | null = null;
  #deliver: ((message: ServerMessage) => void) | null = null;
  #fail: ((error: Error) => void) | null = null;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data, isBinary) => this.#heard(data, isBinary));
    socket.on('error', (error) => this.#failed(new ConnectionClosed(`the connection failed: ${error.message}`)));
    socket.on('close', (code) => this.#failed(new ConnectionClosed(closedWords(code))));
  }

  /** Waits for one message of the handshake. @throws ConnectionClosed, or Error for anything that is not a message. */
  next(timeoutMs: number): Promise<ServerMessage> {
    return new Promise((resolve, reject) => {
      const done = (act: () => void) => {
        clearTimeout(timer);
        this.#deliver = null;
        this.#fail = null;
        act();
      };
      const timer = setTimeout(
        () => done(() => reject(new ConnectionClosed(`the server said nothing for ${timeoutMs / 1000} s`))),
        timeoutMs,
      );
      this.#listen(
        (message) => done(() => resolve(message)),
        (error) => done(() => reject(error)),
      );
    });
  }

  /** Passes on all messages from now on, and then the error that ends them. */
  listen(deliver: (message: ServerMessage) => void, fail: (error: Error) => void): void {
    this.#listen(deliver, fail);
  }

  #listen(deliver: (message: ServerMessage) => void, fail: (error: Error) => void): void {
    this.#deliver = deliver;
    this.#fail = fail;
    while (this.#deliver !== null) {
      const message = this.#waiting.shift();
      if (message === undefined) break;
      this.#deliver(message);
    }
    if (this.#waiting.length < MAX_WAITING && this.#socket.isPaused) this.#socket.resume();
    if (this.#error !== null) this.#fail?.(this.#error);
  }

  #heard(data: unknown, isBinary: boolean): void {
    if (this.#error !== null) return;
    let message: ServerMessage | null;
    try {
      message = readServerMessage(data, isBinary);
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (message === null) return;
    if (this.#deliver !== null) {
      this.#deliver(message);
      return;
    }
    this.#waiting.push(message);
    if (this.#waiting.length >= MAX_WAITING) this.#socket.pause();
  }

  #failed(error: Error): void {
    this.#error ??= error;
    this.#fail?.(this.#error);
  }
}

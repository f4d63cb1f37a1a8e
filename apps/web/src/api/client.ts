import { problemSchema } from '@netsonde/protocol/api';
import { z } from 'zod';
import { serverPath } from '../app/base-path.ts';
import { timedFetch } from '../time/server-time.ts';
import { ApiError } from './api-error.ts';

interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

let csrf: string | null = null;

/** Stores the token that each changing call sends; null after signing out. */
export function rememberCsrf(token: string | null): void {
  csrf = token;
}

/** Calls `/api/v1/<path>` and parses its answer by the schema. @throws ApiError with the server's message. */
export async function call<T>(schema: z.ZodType<T>, path: string, options: Call = {}): Promise<T> {
  const response = await send(path, options);
  if (!response.ok) throw await problemOf(response);
  const answer = response.status === 204 ? undefined : await jsonOf(response);
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw unexpected(
    response.status,
    `The server's answer is not what this page expects: reload the page, since the server may have been updated. (${path}: ${z.prettifyError(parsed.error)})`,
  );
}

/** For calls whose answer has no content. */
export const nothing = z.unknown();

let measuring = false;

/** Asks the server for its time, unless that is under way. The answer itself is of no interest, nor is a failure. */
export function measureTime(): void {
  if (measuring) return;
  measuring = true;
  send('setup', {})
    .catch(() => undefined)
    .finally(() => {
      measuring = false;
    });
}

async function send(path: string, { method = 'GET', body, signal }: Call): Promise<Response> {
  const headers = new Headers({ accept: 'application/json' });
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (method !== 'GET' && csrf !== null) headers.set('x-csrf-token', csrf);
  try {
    return await timedFetch(serverPath(`api/v1/${path}`), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({
      status: 0,
      code: 'unreachable',
      title: 'The server cannot be reached. Check that it runs and that this computer is on its network.',
    });
  }
}

async function problemOf(response: Response): Promise<ApiError> {
  const parsed = problemSchema.safeParse(await jsonOf(response).catch(() => undefined));
  if (parsed.success) return new ApiError(parsed.data);
  return unexpected(response.status, `The server answered ${response.status} ${response.statusText}`.trim());
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

const unexpected = (status: number, detail: string): ApiError =>
  new ApiError({
    status,
    code: 'unexpected_answer',
    title: 'The server gave an answer that was not understood',
    detail,
  });

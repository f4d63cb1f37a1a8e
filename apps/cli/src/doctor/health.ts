import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { ServerPlace } from '@netsonde/agent';

const TIMEOUT_MS = 5000;
const MOST_BYTES = 65_536;

/** What a server reports on its health page. */
export type Health =
  | {
      readonly is: 'well';
      readonly version: string /** `ok`, `unconfirmed` or what is wrong. */;
      readonly clock: string;
    }
  | { readonly is: 'ill'; readonly why: string }
  /** Another service answers there, or none. */
  | { readonly is: 'unknown'; readonly why: string };

/** Requests `/healthz` below a server's base path. It trusts the server's certificate as far as an agent does. */
export function askHealth({ server, ca }: ServerPlace): Promise<Health> {
  return new Promise((resolve) => {
    const tls = ca === null ? { rejectUnauthorized: false } : { ca };
    const request = (server.encrypted ? secureRequest : plainRequest)(`${server.text}/healthz`, {
      agent: false,
      ...tls,
    });
    const give = (health: Health) => {
      clearTimeout(timer);
      request.destroy();
      resolve(health);
    };
    const timer = setTimeout(() => give({ is: 'unknown', why: `no answer within ${TIMEOUT_MS / 1000} s` }), TIMEOUT_MS);
    request.on('error', ({ message }) => give({ is: 'unknown', why: message }));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (data: string) => {
        text += data;
        if (text.length > MOST_BYTES) give({ is: 'unknown', why: 'the answer is too long' });
      });
      response.on('error', ({ message }) => give({ is: 'unknown', why: message }));
      response.on('end', () => give(healthOf(response.statusCode ?? 0, text)));
    });
    request.end();
  });
}

function healthOf(status: number, text: string): Health {
  const body = parsed(text);
  if (status === 200 && (body?.status === 'ok' || body?.status === 'degraded'))
    return { is: 'well', version: String(body.version ?? 'unknown'), clock: String(body.clock ?? 'ok') };
  if (status === 503) return { is: 'ill', why: typeof body?.detail === 'string' ? body.detail : `HTTP ${status}` };
  return { is: 'unknown', why: `HTTP ${status}` };
}

function parsed(text: string): Partial<Record<'status' | 'version' | 'detail' | 'clock', unknown>> | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' ? json : null;
  } catch {
    return null;
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { behaviourFor, type HttpBehaviour } from './http-behaviour.ts';
import { pause } from './ledger.ts';

/** Answers of a shared cache: when each path was stored, ms. */
export type EdgeStore = Map<string, number>;

/** Answers one request by the service's defaults and the request's query. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  defaults: HttpBehaviour,
  edge: EdgeStore,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://lab.test');
  const behaviour = behaviourFor(url.searchParams, defaults);
  request.resume();
  for (const line of behaviour.header ?? []) {
    const colon = line.indexOf(':');
    response.appendHeader(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  if (behaviour.keepAlive === false) response.setHeader('Connection', 'close');
  await pause(behaviour.delayMs ?? 0);
  if (behaviour.edge) await passEdge(request, response, behaviour, edge, url.pathname);
  if (response.destroyed) return;
  if ((behaviour.redirects ?? 0) > 0) return redirectAgain(response, url, behaviour);
  if (behaviour.redirectTo !== undefined) return redirect(response, behaviour.redirectTo, behaviour.status);
  if (behaviour.etag !== undefined) {
    response.setHeader('ETag', behaviour.etag);
    if (request.headers['if-none-match'] === behaviour.etag) {
      response.writeHead(304).end();
      return;
    }
  }
  await sendBody(request, response, behaviour);
}

function redirectAgain(response: ServerResponse, url: URL, behaviour: HttpBehaviour): void {
  const next = new URL(url);
  next.searchParams.set('redirects', String((behaviour.redirects ?? 1) - 1));
  redirect(response, next.pathname + next.search, undefined);
}

function redirect(response: ServerResponse, location: string, status: number | undefined): void {
  const code = status !== undefined && status >= 300 && status < 400 ? status : 302;
  response.writeHead(code, { Location: location, 'Content-Length': 0 }).end();
}

async function passEdge(
  request: IncomingMessage,
  response: ServerResponse,
  behaviour: HttpBehaviour,
  edge: EdgeStore,
  path: string,
): Promise<void> {
  const storedAtMs = edge.get(path);
  const bypass = /no-cache|no-store|max-age=0/.test(request.headers['cache-control'] ?? '');
  if (storedAtMs !== undefined && !bypass) {
    response.setHeader('Age', Math.floor((Date.now() - storedAtMs) / 1000));
    response.setHeader('Cache-Status', 'lab-edge; hit');
    return;
  }
  await pause(behaviour.originDelayMs ?? 50);
  edge.set(path, Date.now());
  response.setHeader('Cache-Status', `lab-edge; fwd=${bypass ? 'request' : 'uri-miss'}; stored`);
}

async function sendBody(request: IncomingMessage, response: ServerResponse, behaviour: HttpBehaviour): Promise<void> {
  const plain = bodyOf(behaviour);
  const compress = behaviour.gzip && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = compress ? gzipSync(plain) : plain;
  if (compress) response.setHeader('Content-Encoding', 'gzip');
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  if (behaviour.chunks === undefined) response.setHeader('Content-Length', body.length);
  response.writeHead(behaviour.status ?? 200);
  if (behaviour.cutAfterBytes !== undefined) {
    response.write(body.subarray(0, behaviour.cutAfterBytes), () => response.destroy());
    return;
  }
  if (behaviour.chunks !== undefined) await sendChunks(response, body, behaviour.chunks, behaviour.chunkGapMs ?? 0);
  else response.write(body);
  response.end();
}

async function sendChunks(response: ServerResponse, body: Buffer, chunks: number, gapMs: number): Promise<void> {
  const size = Math.max(1, Math.ceil(body.length / chunks));
  for (let from = 0; from < body.length && !response.destroyed; from += size) {
    if (from > 0) await pause(gapMs);
    response.write(body.subarray(from, from + size));
  }
}

function bodyOf(behaviour: HttpBehaviour): Buffer {
  if (behaviour.body !== undefined) return Buffer.from(behaviour.body);
  if (behaviour.bodyBytes !== undefined)
    return Buffer.alloc(behaviour.bodyBytes, 'abcdefghijklmnopqrstuvwxyz 0123456789\n');
  return Buffer.from('lab\n');
}

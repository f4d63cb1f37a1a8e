import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpBehaviour, type HttpConfig, type Service, type ServiceConfig, startService } from '@netsonde/lab';
import { afterEach, expect } from 'vitest';
import { faultsOf } from '../contract/conformance.ts';
import { type Control, runProbe } from '../run/run-probe.test-support.ts';
import { http } from './descriptor.ts';
import { httpRunner } from './run.ts';

export const DAY_MS = 86_400_000;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Served = Service & { readonly url: string; readonly ca: string };

export async function listen(config: ServiceConfig): Promise<Served> {
  const service = await startService(config);
  closing.push(() => service.close());
  const scheme = config.kind === 'https' ? 'https' : 'http';
  return { ...service, url: `${scheme}://127.0.0.1:${service.facts.port}`, ca: service.facts.rootPem ?? '' };
}

export const serve = (behaviour: HttpBehaviour = {}) => listen({ kind: 'http', behaviour });
export const secure = (more: Omit<HttpConfig, 'kind'> = {}) => listen({ kind: 'https', ...more });
/** A server that answers each connection with these very bytes and ends. */
export const saying = (text: string) => listen({ kind: 'peer', behaviour: 'truncating', text });

export async function answering(answer: (response: ServerResponse, url: string) => void): Promise<string> {
  const server: Server = createServer((request, response) => answer(response, request.url ?? ''));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function run(url: string, options: Record<string, unknown> = {}, control: Control = {}) {
  const execution = await runProbe(http, httpRunner, url, { timeoutSeconds: 5, ...options }, control);
  expect(faultsOf(http, execution.outcome)).toEqual([]);
  const { verdict, finding, metrics, absent, detail } = execution.outcome;
  return { ...execution, verdict, said: [verdict, finding?.cause, finding?.side], metrics, absent, detail };
}

/** The same; again where this process was stalled meanwhile, so that figures are absent. */
export async function timed(url: string, options: Record<string, unknown> = {}) {
  let ran = await run(url, options);
  for (let again = 0; again < 5 && Object.values(ran.absent).includes('stalled'); again += 1)
    ran = await run(url, options);
  return ran;
}

export const num = (value: unknown): number => {
  if (typeof value !== 'number') throw new Error(`${String(value)} is no number`);
  return value;
};

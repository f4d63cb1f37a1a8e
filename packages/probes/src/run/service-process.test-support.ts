import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ServiceConfig, ServiceFacts } from '@netsonde/lab';
import { afterEach } from 'vitest';

/** From the last build. A service that must answer while this process is stalled needs its own process. */
const MAIN = fileURLToPath(new URL('../../../lab/dist/services/main.js', import.meta.url));

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = once(child, 'close');
    child.stdin?.end();
    await ended;
  }
});

/** Starts a service of the lab on loopback, in its own process; it ends with the test. */
export async function startServiceProcess(config: ServiceConfig): Promise<ServiceFacts> {
  const child = spawn(process.execPath, [MAIN, JSON.stringify([{ host: '127.0.0.1', ...config }])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const [facts] = (JSON.parse(String(line)) as { readonly facts: readonly ServiceFacts[] }).facts;
  if (facts === undefined) throw new Error(`the service ${config.kind} did not start`);
  return facts;
}

import { builtFile } from '../namespaces/built-file.ts';
import type { Host } from '../namespaces/host.ts';
import { lineProcess } from '../namespaces/line-process.ts';
import type { ServiceConfig, ServiceReply, ServiceRequestBody } from '../services/config.ts';
import type { ServiceFacts } from '../services/service.ts';

/** Services that run in their own process on a host. */
export interface RunningServices {
  /** The facts of each service (ports, certificates), in the order of the configurations. */
  readonly facts: readonly ServiceFacts[];
  /** What the service with this index has received so far: its own count of requests, queries, connections. */
  seen(index: number): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

/** Starts services in one process on a host. */
export async function startServicesOn(host: Host, configs: readonly ServiceConfig[]): Promise<RunningServices> {
  if (configs.length === 0) return { facts: [], seen: async () => [], close: async () => {} };
  const everywhere = configs.map((config) => ({ host: '::', ...config }));
  const child = host.spawn(process.execPath, [builtFile('services/main.js'), JSON.stringify(everywhere)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const process_ = await lineProcess<ServiceRequestBody, ServiceReply>('the services process', child);
  return {
    facts: process_.ready.facts ?? [],
    async seen(index) {
      return (await process_.ask({ kind: 'seen', index })).seen ?? [];
    },
    close: () => process_.close(),
  };
}

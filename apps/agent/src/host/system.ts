import { readFileSync } from 'node:fs';
import { arch, availableParallelism, hostname, networkInterfaces, platform, release, totalmem } from 'node:os';
import type { AgentSystem } from '@netsonde/protocol';

/** The host as it describes itself; addresses without loopback. */
export function describeSystem(): AgentSystem {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
  return {
    hostname: hostname().slice(0, 255),
    platform: platform(),
    release: release().slice(0, 128),
    arch: arch(),
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.versions.node,
    version: agentVersion(),
    addresses: [...new Set(addresses)].slice(0, 64),
  };
}

/** Version of this agent, from its package. */
export function agentVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

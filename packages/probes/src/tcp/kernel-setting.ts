import { readFileSync } from 'node:fs';

/** Reading one costs as much as a third of a connection, so a value is cached for this long. */
const MAX_AGE_MS = 10_000;

const known = new Map<string, { readonly value: string | undefined; readonly readAtMs: number }>();

/** A `net.ipv4` setting of this network namespace, at most ten seconds old; undefined where there is none. */
export function kernelSetting(name: string): string | undefined {
  const nowMs = performance.now();
  const kept = known.get(name);
  if (kept !== undefined && nowMs - kept.readAtMs < MAX_AGE_MS) return kept.value;
  const value = read(name);
  known.set(name, { value, readAtMs: nowMs });
  return value;
}

function read(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/net/ipv4/${name}`, 'latin1').trim();
  } catch {
    return undefined;
  }
}

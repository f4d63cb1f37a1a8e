import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import type { AgentHost } from '@netsonde/protocol';

/** Sources of a number that a host keeps when it reboots; in a container most are missing. Source: machine-id(5). */
const MACHINE_FILES = ['/etc/machine-id', '/sys/class/dmi/id/product_uuid', '/proc/device-tree/serial-number'];

/**
 * What tells this agent's host from another one that has a copy of its data folder. Hashed with the agent's key: it says
 * nothing elsewhere, and does not reveal the machine's id.
 */
export function hostIdentity(publicKey: string, dataFolder: string): AgentHost {
  const found = MACHINE_FILES.map(textIn).filter((text) => text !== '');
  const hash = (what: string, text: string) =>
    createHash('sha256').update(['netsonde host', publicKey, what, text].join('\n')).digest('hex').slice(0, 32);
  return {
    ...(found.length === 0 ? {} : { machine: hash('machine', found.join('\n')) }),
    folder: hash('folder', realpathSync(dataFolder)),
  };
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

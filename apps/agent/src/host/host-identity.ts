import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentHost } from '@netsonde/protocol';
import { writeDurably } from '../files/write-durably.ts';

/** Sources of a number that a host keeps when it reboots; in a container most are missing. Source: machine-id(5). */
const MACHINE_FILES = ['/etc/machine-id', '/sys/class/dmi/id/product_uuid', '/proc/device-tree/serial-number'];

const SALT_FILE = 'host-salt';

/**
 * What tells this agent's host from another one that has a copy of its data folder. Hashed with a salt of the folder, which
 * outlasts the agent's key: it says nothing elsewhere, and does not reveal the machine's id.
 */
export function hostIdentity(dataFolder: string): AgentHost {
  const salt = saltIn(dataFolder);
  const found = MACHINE_FILES.map(textIn).filter((text) => text !== '');
  const hash = (what: string, text: string) =>
    createHash('sha256').update(['netsonde host', salt, what, text].join('\n')).digest('hex').slice(0, 32);
  return {
    ...(found.length === 0 ? {} : { machine: hash('machine', found.join('\n')) }),
    folder: hash('folder', realpathSync(dataFolder)),
  };
}

/** Made at the first start. A copy of the folder has the same. */
function saltIn(dataFolder: string): string {
  const path = join(dataFolder, SALT_FILE);
  const known = textIn(path);
  if (known !== '') return known;
  const salt = randomBytes(16).toString('hex');
  writeDurably(path, salt);
  return salt;
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

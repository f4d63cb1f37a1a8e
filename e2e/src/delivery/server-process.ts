import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type WatchedProcess, watchProcess } from './watched-process.ts';

const NETSONDE = fileURLToPath(new URL('../../../apps/cli/bin/netsonde.js', import.meta.url));

export interface ServerProcessOptions {
  readonly dataFolder: string;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** `netsonde server` in its own process. */
export function startServerProcess({ dataFolder, port, env = {} }: ServerProcessOptions): WatchedProcess {
  return watchProcess('the server', [process.execPath, NETSONDE, 'server'], {
    ...env,
    NETSONDE_DATA: dataFolder,
    SERVER_HOST: '127.0.0.1',
    SERVER_PORT: String(port),
    CLIENT_HEARTBEAT_INTERVAL: '1',
  });
}

/** The kernel assigns no port below these automatically (`net.ipv4.ip_local_port_range`). */
const FIRST_OF_ANY = 32_768;

/** A port that nothing uses now and that the kernel never assigns: a killed server must start again on the same one. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(10_000, FIRST_OF_ANY);
    const trial = createServer();
    const free = await new Promise<boolean>((resolve) => {
      trial.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise((resolve) => trial.close(resolve));
    if (free) return port;
  }
  throw new Error('a hundred ports that were tried are all taken');
}

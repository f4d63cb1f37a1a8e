import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type WatchedProcess, watchProcess } from './watched-process.ts';

const NETSONDE = fileURLToPath(new URL('../../../apps/cli/bin/netsonde.js', import.meta.url));

export interface ServerProcessOptions {
  readonly dataFolder: string;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** `netsonde server` in a process of its own. */
export function startServerProcess({ dataFolder, port, env = {} }: ServerProcessOptions): WatchedProcess {
  return watchProcess('the server', [process.execPath, NETSONDE, 'server'], {
    ...env,
    NETSONDE_DATA: dataFolder,
    SERVER_HOST: '127.0.0.1',
    SERVER_PORT: String(port),
    CLIENT_HEARTBEAT_INTERVAL: '1',
  });
}

/** A port that nothing listens on now: a server that is killed comes back on the same one. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

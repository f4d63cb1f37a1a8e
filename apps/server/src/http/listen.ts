import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type Settings, SettingsError } from '../settings/settings.ts';

const WILDCARDS = new Set(['0.0.0.0', '::', '']);

/** URLs of a listening server, for this host and for other hosts. */
export interface Addresses {
  /** `http://127.0.0.1:5000/base`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
}

/** Starts listening. @throws SettingsError, or Error if another program uses the port. Both name the variable. */
export async function listen(app: FastifyInstance, settings: Settings): Promise<Addresses> {
  try {
    await app.listen({ host: settings.host, port: settings.port });
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, settings);
  }
  const { port } = app.server.address() as AddressInfo;
  const host = WILDCARDS.has(settings.host) ? '127.0.0.1' : settings.host;
  const scheme = settings.tls === null ? 'http' : 'https';
  return { url: `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${port}${settings.basePath}`, port };
}

function explain(error: NodeJS.ErrnoException, { host, port }: Settings): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(
        `SERVER_PORT is ${port}: another program listens there already: stop it, or choose another port`,
        { cause: error },
      );
    case 'EACCES':
      return wrong('SERVER_PORT', `${port}: this process may not listen there: choose a port above 1023`);
    case 'EADDRNOTAVAIL':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'ENOTFOUND':
      return wrong('SERVER_HOST', `${JSON.stringify(host)}: no address of this host: use 0.0.0.0 or one that it has`);
    default:
      return error;
  }
}

const wrong = (variable: string, message: string): SettingsError =>
  new SettingsError([{ variable, message: `${variable} is ${message}` }]);

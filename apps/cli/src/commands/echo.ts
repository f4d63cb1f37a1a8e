import { isIP } from 'node:net';
import { Command } from 'commander';
import { type EchoService, openEchoService } from '../echo-service.ts';
import { readPort } from '../ports.ts';
import { askedToEnd, type Terminal, UsageError } from '../terminal.ts';

/** `netsonde echo`: the far end of the `tcp` and `udp` probes' echo tests. */
export function echoCommand(terminal: Terminal): Command {
  return new Command('echo')
    .description('run a TCP and UDP echo service')
    .option('--host <address>', 'address to listen on', readHost, '127.0.0.1')
    .option(
      '--port <port>',
      'port for both TCP and UDP; 0 takes a free one',
      (text: string) => readPort('--port', text),
      12345,
    )
    .action(async ({ host, port }: { host: string; port: number }) => {
      const service = await open(host, port);
      terminal.out(`echo service on ${host.includes(':') ? `[${host}]` : host}:${service.port}, TCP and UDP\n`);
      await askedToEnd(terminal);
      await service.close();
    });
}

/** Reads an address. It refuses names: a resolver could return any address for one. @throws UsageError */
function readHost(text: string): string {
  const host = text.trim().replace(/^\[(.*)\]$/, '$1');
  if (host === 'localhost') return '127.0.0.1';
  if (isIP(host) !== 0) return host;
  throw new UsageError(
    `--host: ${JSON.stringify(text)} is no address: write one of this host, like 127.0.0.1, 0.0.0.0 or ::1`,
  );
}

async function open(host: string, port: number): Promise<EchoService> {
  try {
    return await openEchoService(host, port);
  } catch (error) {
    throw explained(error, host, port);
  }
}

function explained(error: unknown, host: string, port: number): unknown {
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'EADDRINUSE':
      return new Error(
        `--port: another program listens on ${host} port ${port} already: stop it, or choose another port (0 takes a free one)`,
      );
    case 'EACCES':
      return new Error(`--port: this process may not listen on port ${port}: choose one above 1023`);
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
      return new UsageError(`--host: ${host} is no address of this host: write one that it has, or 0.0.0.0 for all`);
    default:
      return error;
  }
}

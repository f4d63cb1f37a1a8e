import { once } from 'node:events';
import { Command } from 'commander';
import { openEchoService } from '../echo-service.ts';
import { readPort } from '../ports.ts';
import type { Terminal } from '../terminal.ts';

/** `netsonde echo`: the far end of the `tcp` and `udp` probes' echo tests. */
export function echoCommand(terminal: Terminal): Command {
  return new Command('echo')
    .description('run a TCP and UDP echo service')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--port <port>',
      'port for both TCP and UDP; 0 takes a free one',
      (text: string) => readPort('--port', text),
      12345,
    )
    .action(async ({ host, port }: { host: string; port: number }) => {
      const service = await openEchoService(host, port);
      terminal.out(`echo service on ${host.includes(':') ? `[${host}]` : host}:${service.port}, TCP and UDP\n`);
      if (!terminal.signal.aborted) await once(terminal.signal, 'abort');
      await service.close();
    });
}

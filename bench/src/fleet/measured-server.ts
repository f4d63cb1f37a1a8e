import { monitorEventLoopDelay } from 'node:perf_hooks';
import { catalog } from '@netsonde/probes/catalog';
import { openServer, readSettings } from '@netsonde/server';

/**
 * A server in its own process, as it ships. Prints its URL in one line. On SIGUSR2 it prints the longest delay of its
 * event loop since the previous signal, ms.
 */
const server = await openServer(readSettings(process.env), { catalog });
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('SIGUSR2', () => {
  process.stdout.write(`LOOP ${delay.max / 1e6}\n`);
  delay.reset();
});
process.stdout.write(`URL ${server.url}\n`);

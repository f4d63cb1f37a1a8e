import { monitorEventLoopDelay } from 'node:perf_hooks';
import { catalog } from '@netsonde/probes/catalog';
import { openServer, readSettings } from '@netsonde/server';

/**
 * A server in a process of its own, as it ships; says its URL in one line. On SIGUSR2 it says the longest delay of its
 * event loop since the last time, ms.
 */
const server = await openServer(readSettings(process.env), { catalog });
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
process.on('SIGUSR2', () => {
  process.stdout.write(`LOOP ${delay.max / 1e6}\n`);
  delay.reset();
});
process.stdout.write(`URL ${server.url}\n`);

import { catalog } from '@netsonde/probes/catalog';
import { openServer, readSettings } from '@netsonde/server';
import { writtenBytesOf } from '../report/cpu.ts';

/**
 * A server in its own process, as it ships. Prints its URL in one line, and stops on SIGTERM. Its last line says how
 * many bytes it has written: closing its files also writes what is left in their logs, which counts. Its clock is a
 * day behind until SIGUSR2, so that a test planned before then has a day of planned instants.
 */
let behindMs = 86_400_000;
process.once('SIGUSR2', () => {
  behindMs = 0;
});
const server = await openServer(readSettings(process.env), { catalog, now: () => Date.now() - behindMs });
process.stdout.write(`URL ${server.url}\n`);
process.once('SIGTERM', async () => {
  await server.close();
  process.stdout.write(`WRITTEN ${writtenBytesOf(process.pid)}\n`, () => process.exit(0));
});

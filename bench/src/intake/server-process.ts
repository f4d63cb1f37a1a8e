import { catalog } from '@netsonde/probes/catalog';
import { openServer, readSettings } from '@netsonde/server';
import { writtenBytesOf } from '../report/cpu.ts';

/**
 * A server in a process of its own, as it ships; says its URL in one line, and stops on SIGTERM. In its last line it says
 * how many bytes it has written: closing its files moves what is left in their logs, which counts too.
 */
const server = await openServer(readSettings(process.env), { catalog });
process.stdout.write(`URL ${server.url}\n`);
process.once('SIGTERM', async () => {
  await server.close();
  process.stdout.write(`WRITTEN ${writtenBytesOf(process.pid)}\n`, () => process.exit(0));
});

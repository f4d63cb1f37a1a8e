import { catalog } from '@netsonde/probes/catalog';
import { openServer, readSettings } from '@netsonde/server';

/** A server in a process of its own, as it ships; says its URL in one line, and stops on SIGTERM. */
const server = await openServer(readSettings(process.env), { catalog });
process.stdout.write(`URL ${server.url}\n`);
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));

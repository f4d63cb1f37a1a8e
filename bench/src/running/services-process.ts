import { readFileSync } from 'node:fs';
import { type ServiceConfig, startService } from '@netsonde/lab';

/**
 * Runs the lab's services in its own process, with configurations as JSON in the file that the first argument names.
 * Prints their ports.
 */
const configs = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ServiceConfig[];
const services = await Promise.all(configs.map((config) => startService(config)));
process.stdout.write(`PORTS ${JSON.stringify(services.map(({ facts }) => facts.port))}\n`);
process.once('SIGTERM', () => process.exit(0));

import { type ServiceConfig, startService } from '@netsonde/lab';

/** Runs the lab's services in a process of its own: configurations as JSON in the first argument; says their ports. */
const configs = JSON.parse(process.argv[2] ?? '[]') as ServiceConfig[];
const services = await Promise.all(configs.map((config) => startService(config)));
process.stdout.write(`PORTS ${JSON.stringify(services.map(({ facts }) => facts.port))}\n`);
process.once('SIGTERM', () => process.exit(0));

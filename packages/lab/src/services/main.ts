import { createInterface } from 'node:readline';
import type { ServiceConfig, ServiceReply, ServiceRequest } from './config.ts';
import { startService } from './start-service.ts';

/**
 * Runs services in their own process: configurations as a JSON array in the first argument, then JSON lines on
 * standard input and output. It ends when its input ends.
 */
const configs = JSON.parse(process.argv[2] ?? '[]') as ServiceConfig[];
const services = await Promise.all(configs.map((config) => startService(config)));

function send(reply: ServiceReply): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

send({ id: 0, facts: services.map((service) => service.facts) });
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const request = JSON.parse(line) as ServiceRequest;
    send({ id: request.id, seen: services[request.index]?.seen() ?? [] });
  })
  .on('close', () => process.exit(0));

/**
 * A server and its agents in a process of their own, through their public entries: a suite starts it where it likes, for
 * example inside a namespace. Takes its plan as JSON; prints one line of JSON when all is up; ends cleanly on SIGTERM.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { agentOptionsFrom, openAgent } from '@netsonde/agent';
import { catalog as known } from '@netsonde/probes/catalog';
import { runners as knownRunners } from '@netsonde/probes/runtime';
import { createAgentToken, openServer, readSettings } from '@netsonde/server';

const { folder, webFolder, environment, agents, probes } = JSON.parse(process.argv[2]);
const added = await Promise.all(probes.map((module) => import(module)));
const catalog = { ...known, ...Object.fromEntries(added.map(({ descriptor }) => [descriptor.id, descriptor])) };
const runners = {
  ...knownRunners,
  ...Object.fromEntries(added.map(({ descriptor, runner }) => [descriptor.id, runner])),
};

const settings = readSettings({
  SERVER_HOST: '127.0.0.1',
  SERVER_PORT: '0',
  NETSONDE_DATA: join(folder, 'server'),
  CLIENT_HEARTBEAT_INTERVAL: '2',
  ...environment,
});
const server = await openServer(settings, { catalog, webFolder });
const running = [];
for (const { name, labels, deny } of agents) {
  // The suites' agents bring the labels that select tests.
  const given = { ownLabelsSelect: true };
  const token = await createAgentToken(settings.dataFolder, name, settings.databaseFile, given);
  const data = join(folder, name);
  mkdirSync(data, { recursive: true });
  const options = agentOptionsFrom({}, { server: server.url, token, name, data, label: labels, deny });
  running.push(await openAgent(options, { catalog, runners }));
}
process.stdout.write(`${JSON.stringify({ url: server.url, setupLink: server.setupLink })}\n`);

process.once('SIGTERM', async () => {
  await Promise.all(running.map((agent) => agent.close()));
  await server.close();
  process.exit(0);
});

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type RunningProgram, startProgram } from '../running/program.ts';
import { type Kind, MODULES } from './kinds.ts';

const PROGRAM = 'prometheus-blackbox-exporter';

/** blackbox_exporter in its own process, queried over loopback as Prometheus does: over kept connections. */
export interface Blackbox extends RunningProgram {
  /** Runs one check. @throws Error when it did not succeed. */
  probe(kind: Kind, index: number): Promise<void>;
}

export async function startBlackbox(folder: string): Promise<Blackbox> {
  const config = join(folder, 'blackbox.json');
  writeFileSync(config, JSON.stringify({ modules: MODULES }));
  const port = await freePort();
  const args = [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`];
  const program = await startProgram({ command: PROGRAM, args, logFile: join(folder, 'blackbox.log') });
  const agent = new Agent({ keepAlive: true });
  await answers(port, agent);
  return {
    ...program,
    async probe(kind, index) {
      const target = encodeURIComponent(kind.theirs(index));
      const text = await textOf(port, agent, `/probe?module=${kind.probe}&target=${target}`);
      if (!/^probe_success 1$/m.test(text)) throw new Error(`${PROGRAM}: ${kind.probe} failed: ${text.slice(0, 500)}`);
    },
    async stop() {
      agent.destroy();
      await program.stop();
    },
  };
}

async function answers(port: number, agent: Agent): Promise<void> {
  for (let tried = 0; ; tried += 1) {
    const error = await textOf(port, agent, '/-/healthy').then(
      () => null,
      (caught: unknown) => caught,
    );
    if (error === null) return;
    if (tried === 100) throw new Error(`${PROGRAM} does not answer: ${error}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function textOf(port: number, agent: Agent, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('end', () => resolve(Buffer.concat(chunks).toString()));
      response.once('error', reject);
    });
    request.once('error', reject);
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pairOfHosts } from '@netsonde/lab';
import { startServices } from '../running/services.ts';

/** The stored results of a running agent compared with a capture on its own device. */
export interface StoredAccuracy {
  readonly rtts: number;
  readonly httpResults: number;
  /** |stored - captured|, us. */
  readonly medianUs: number;
  readonly p99Us: number;
  readonly largestUs: number;
  /** RTTs without two kernel stamps. */
  readonly unstamped: number;
}

/** The options of a round, sent as JSON to the program inside the measuring host. */
export interface AccuracyOrder {
  readonly device: string;
  readonly icmpTargets: readonly string[];
  readonly httpTargets: readonly string[];
  readonly seconds: number;
  readonly busy: boolean;
}

const INSIDE = fileURLToPath(new URL('./stored-accuracy-main.js', import.meta.url));
const ICMP_TARGETS = 1000;
const HTTP_TARGETS = 200;
/** Addresses behind the far host; all of them are the far host's own. */
const BEHIND = '10.210.0.0/16';
const behind = (index: number) => `10.210.${index >> 8}.${index & 255}`;

/** Agent and server on one host of a virtual cable, 1,000 ICMP and 200 HTTP targets on the other. Needs root. */
export async function storedAccuracy(seconds: number, busy: boolean): Promise<StoredAccuracy> {
  await using hosts = await pairOfHosts();
  await hosts.far.ip([`route add local ${BEHIND} dev lo`]);
  await hosts.measuring.ip([`route add ${BEHIND} via ${hosts.far.address4}`]);
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-bench-'));
  const inFar = (file: string, args: readonly string[]) => hosts.far.command(file, args);
  const services = await startServices(folder, [{ kind: 'http', host: '0.0.0.0' }], inFar);
  try {
    const [port = 0] = services.ports;
    const order: AccuracyOrder = {
      device: hosts.device,
      icmpTargets: Array.from({ length: ICMP_TARGETS }, (_, index) => behind(index)),
      httpTargets: Array.from({ length: HTTP_TARGETS }, (_, index) => `http://${behind(index)}:${port}/`),
      seconds,
      busy,
    };
    const child = hosts.measuring.spawn(process.execPath, [INSIDE], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: process.env,
    });
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stdin?.end(JSON.stringify(order));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the agent's round ended with ${code}: ${said}`);
    return JSON.parse(said) as StoredAccuracy;
  } finally {
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceConfig } from '@netsonde/lab';
import { type RunningProgram, startProgram } from './program.ts';

export const SERVICES_PROGRAM = fileURLToPath(new URL('./services-process.js', import.meta.url));

/** What says the services' ports, in the order of their configurations. */
export const PORTS_LINE = /PORTS (\[.*\])/;

/** Services of the lab in a process of their own. */
export async function startServices(
  folder: string,
  configs: readonly ServiceConfig[],
): Promise<RunningProgram & { readonly ports: readonly number[] }> {
  const program = await startProgram({
    command: process.execPath,
    args: [SERVICES_PROGRAM, JSON.stringify(configs)],
    logFile: join(folder, 'services.log'),
    ready: PORTS_LINE,
  });
  return { ...program, ports: JSON.parse(PORTS_LINE.exec(program.said())?.[1] ?? '[]') as number[] };
}

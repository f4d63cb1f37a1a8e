import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceConfig } from '@netsonde/lab';
import { type RunningProgram, startProgram } from './program.ts';

const PROGRAM = fileURLToPath(new URL('./services-process.js', import.meta.url));
const PORTS = /PORTS (\[.*\])/;

/** Services of the lab in their own process, with their ports in the order of the configurations. */
export interface Services extends RunningProgram {
  readonly ports: readonly number[];
}

/** A command line, unchanged or wrapped. */
type Command = (
  program: string,
  args: readonly string[],
) => { readonly file: string; readonly args: readonly string[] };

/** Starts them. `command` wraps the command line, for services on another host of the lab. */
export async function startServices(
  folder: string,
  configs: readonly ServiceConfig[],
  command: Command = (file, args) => ({ file, args }),
): Promise<Services> {
  const file = join(folder, 'services.json');
  writeFileSync(file, JSON.stringify(configs));
  const line = command(process.execPath, [PROGRAM, file]);
  const logFile = join(folder, 'services.log');
  const program = await startProgram({ command: line.file, args: line.args, logFile, ready: PORTS });
  return { ...program, ports: JSON.parse(PORTS.exec(program.said())?.[1] ?? '[]') as number[] };
}

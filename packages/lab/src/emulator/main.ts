import { execFileSync } from 'node:child_process';
import { readSync, writeSync } from 'node:fs';
import { openTun } from '@netsonde/sockets';
import { Carrier } from './carrier.ts';
import { carryPackets } from './loop.ts';
import { DEVICE, type EmulatorConfig, type EmulatorReply, type EmulatorRequest } from './messages.ts';
import { TruthLog } from './truth-log.ts';

/**
 * The emulator's process. It starts in the measuring host's namespace, opens both devices there and moves the far one
 * to the services host, but keeps its descriptor. It has no event loop: one thread polls, forwards packets and
 * executes commands.
 */
const CONTROL_FD = 0;

function main(): void {
  const config = JSON.parse(process.argv[2] ?? '{}') as EmulatorConfig;
  const measuring = openTun(DEVICE);
  const services = openTun('far');
  execFileSync('ip', ['link', 'set', 'far', 'netns', String(config.servicesPid), 'name', DEVICE]);
  const log = new TruthLog(config.logFile, config.logLimit);
  const carrier = new Carrier(config.seed, config.path, (identity, facts) => log.add(identity, facts));
  const reply = (id: number): void => {
    const message: EmulatorReply = { id, waiting: carrier.waiting, recordsDropped: log.dropped };
    writeSync(1, `${JSON.stringify(message)}\n`);
  };
  const obey = (request: EmulatorRequest): void => {
    if (request.kind === 'set_path') carrier.setPath(request.path);
    else log.flush();
    reply(request.id);
  };
  reply(0);
  carryPackets({ measuring, services }, carrier, log, CONTROL_FD, lineReader(obey));
  log.close();
}

/** Reads the pending input on the control descriptor and executes each whole line; false at its end. */
function lineReader(obey: (request: EmulatorRequest) => void): () => boolean {
  const chunk = Buffer.alloc(65_536);
  let rest = '';
  return () => {
    const length = readSync(CONTROL_FD, chunk);
    if (length === 0) return false;
    const lines = (rest + chunk.toString('utf8', 0, length)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) obey(JSON.parse(line) as EmulatorRequest);
    return true;
  };
}

main();

import { execFile } from 'node:child_process';
import { checkRequest } from '../echo/requests.ts';
import type { EchoControl, EchoError, EchoRequest, EchoTrain } from '../echo/types.ts';
import type { IpFamily } from '../kernel/ip-address.ts';
import type { StopSignal } from '../stop-signal.ts';
import { type PingOutput, parsePingOutput } from './parse-ping-output.ts';
import { dialectOf, pingCommand } from './ping-arguments.ts';

const BYTES_PER_LINE = 512;
/** The program may take this much longer than its packets need, then it is killed. */
const GRACE_MS = 5_000;

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly failure: NodeJS.ErrnoException | undefined;
}

/**
 * Runs a train with the system's `ping`, for hosts without kernel sockets (macOS, Windows). RTTs are the program's own,
 * so all of them count as process-stamped. The program is started without a shell and its words are read in no
 * particular language.
 * @throws RangeError for an invalid request, naming the field
 */
export async function pingTrain(request: EchoRequest, control: Pick<EchoControl, 'signal'> = {}): Promise<EchoTrain> {
  const { address } = checkRequest(request);
  const dialect = dialectOf(process.platform);
  const command = pingCommand(request, address.family, dialect);
  if (command.ignored.length > 0) {
    const message = `${command.program} of this system cannot set ${command.ignored.join(' and ')}`;
    return emptyTrain(request, address.family, {
      kind: 'unsupported',
      call: command.program,
      address: request.address,
      message,
    });
  }
  const ran = await run(command.program, command.operands, request, control.signal);
  const train = trainOfOutput(parsePingOutput(ran.stdout, dialect), request, address.family);
  const error = train.error ?? errorOf(ran, request, train, control.signal);
  return Object.freeze(error === undefined ? train : { ...train, error });
}

function run(program: string, operands: readonly string[], request: EchoRequest, signal?: StopSignal): Promise<Ran> {
  const { count, intervalMs, timeoutMs } = request;
  const options = {
    env: { ...process.env, LC_ALL: 'C', LANG: 'C' },
    timeout: count * Math.max(intervalMs, timeoutMs) + GRACE_MS,
    maxBuffer: (count + 16) * BYTES_PER_LINE * 4,
    windowsHide: true,
  };
  return new Promise((resolve) => {
    const ping = execFile(program, operands, options, (failure, stdout, stderr) => {
      signal?.removeEventListener('abort', stop);
      resolve({ stdout, stderr, failure: failure === null ? undefined : (failure as NodeJS.ErrnoException) });
    });
    const stop = () => ping.kill();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) stop();
  });
}

/** Builds the train from what was printed; an echo without a line of its own was lost. */
export function trainOfOutput(output: PingOutput, request: EchoRequest, family: IpFamily): EchoTrain {
  const rttsNs = new Float64Array(request.count).fill(Number.NaN);
  let duplicates = 0;
  let late = 0;
  let reordered = 0;
  let highest = -1;
  let replyTtl: number | undefined;
  const seen = new Set<number>();
  for (const { index, rttMs, ttl, duplicate } of output.answers) {
    if (index < 0 || index >= request.count) continue;
    if (duplicate || seen.has(index)) {
      duplicates += 1;
      continue;
    }
    seen.add(index);
    replyTtl = ttl ?? replyTtl;
    if (rttMs > request.timeoutMs) {
      late += 1;
      continue;
    }
    rttsNs[index] = rttMs * 1e6;
    if (index < highest) reordered += 1;
    else highest = index;
  }
  const received = seen.size - late;
  const error = failureOf(output, request.address);
  return {
    ...emptyTrain(request, family, undefined),
    rttsNs,
    sent: request.count,
    received,
    duplicates,
    late,
    reordered,
    icmpErrors: output.failures.length,
    processStamped: received,
    ...(replyTtl === undefined ? {} : { replyTtl }),
    ...(received === 0 ? {} : { errorBoundNs: Math.max(...rttsNs.filter((rtt) => rtt >= 0)) }),
    ...(error === undefined ? {} : { error }),
  };
}

function emptyTrain(request: EchoRequest, family: IpFamily, error: EchoError | undefined): EchoTrain {
  return {
    address: request.address,
    family,
    via: 'ping-command',
    rttsNs: new Float64Array(0),
    sent: 0,
    received: 0,
    duplicates: 0,
    late: 0,
    reordered: 0,
    icmpErrors: 0,
    kernelStamped: 0,
    processStamped: 0,
    localDrops: 0,
    lateSends: 0,
    ...(error === undefined ? {} : { error }),
  };
}

function failureOf({ failures }: PingOutput, address: string): EchoError | undefined {
  const [first] = failures;
  if (first === undefined) return undefined;
  const kind = /time to live|ttl/i.test(first.text) ? 'ttl_exceeded' : 'unreachable';
  const message = `${first.offender} answered an echo to ${address}: ${first.text}`;
  return { kind, call: 'icmp', address, offender: first.offender, message };
}

/** A `ping` also exits with a failure when no answer arrived. That is loss, unless it wrote to its error output. */
function errorOf(ran: Ran, request: EchoRequest, train: EchoTrain, signal?: StopSignal): EchoError | undefined {
  const { address } = request;
  if (signal?.aborted === true) {
    return { kind: 'cancelled', call: 'ping', address, message: 'the train was cancelled before it was complete' };
  }
  if (ran.failure === undefined || train.received > 0) return undefined;
  if (ran.failure.code === 'ENOENT') {
    return {
      kind: 'unsupported',
      call: 'ping',
      address,
      message: 'this system has no ping program; install iputils-ping',
    };
  }
  const words = ran.stderr.trim();
  if (words === '') return undefined;
  const kind = /permitted|denied/i.test(words)
    ? 'permission'
    : /unreachable|no route/i.test(words)
      ? 'unreachable'
      : 'local_resource';
  return { kind, call: 'ping', address, message: words };
}

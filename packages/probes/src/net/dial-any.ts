import type { Socket } from 'node:net';
import type { Addresses, ResolvedAddress, RunContext } from '../contract/context.ts';
import { connectFinding, endpoint } from '../contract/network-error.ts';
import type { Finding } from '../contract/outcome.ts';
import { type ConnectTime, type Dialled, type Dialling, dial, type Unconnected } from './dial.ts';
import type { Patience } from './patience.ts';

/** At most this many addresses of a name are tried. */
const MOST_ADDRESSES = 4;
/** Delay before the next attempt starts in parallel, ms: the value that RFC 8305 section 5 recommends. */
const ATTEMPT_DELAY_MS = 250;
/** The code of an attempt that was ended because another one connected first. */
export const OVERTAKEN = 'overtaken';

/** An address without a connection: the attempt failed or was no longer needed ({@link OVERTAKEN}). */
export interface FailedAttempt extends Unconnected {
  readonly address: string;
  /** From the start of the first attempt to that of this one, ms. */
  readonly startedMs: number;
}

/** An open socket, paused, to an address that the agent's policy allows; the caller must destroy it. */
export interface Connection extends ResolvedAddress, ConnectTime {
  readonly socket: Socket;
  /** From the start of the first attempt to that of this one, ms. */
  readonly startedMs: number;
}

/** The result; `failed` are the other attempts, in order, and `finding` says why there is no connection. */
export type DialledAny =
  | { readonly connection: Connection; readonly failed: readonly FailedAttempt[] }
  | { readonly connection: null; readonly failed: readonly FailedAttempt[]; readonly finding: Finding };

interface DialAnyOptions {
  readonly port: number;
  readonly patience: Patience;
  readonly dscp?: number;
}

/**
 * Connects to the address that answers first. Each address has a head start over the next one; families take turns,
 * beginning with that of the first address, and after a failed attempt the next one starts at once.
 * @throws RunFailure when the policy refuses the address that the socket is connected to; the signal's reason
 */
export async function dialAny(
  context: Pick<RunContext, 'clock' | 'signal' | 'log' | 'permit'>,
  addresses: Addresses,
  options: DialAnyOptions,
): Promise<DialledAny> {
  context.signal.throwIfAborted();
  const { winner, failed } = await race(context, inTurns(addresses).slice(0, MOST_ADDRESSES), options);
  for (const { address, code, startedMs, afterMs } of failed)
    context.log(
      `connect ${endpoint(address, options.port)}: ${code} after ${afterMs.toFixed(3)} ms, begun at ${startedMs.toFixed(0)} ms`,
    );
  if (winner === null) {
    const finding = connectFinding(failed, options.port);
    if (finding === undefined) throw new RangeError('there is no address to connect to');
    return { connection: null, failed, finding };
  }
  const { address, socket, connectMs } = winner;
  context.log(`connected to ${endpoint(address, options.port)} in ${connectMs.toFixed(3)} ms`);
  admit(socket, address, context.permit);
  return { connection: winner, failed };
}

/** Interleaves the families; each family keeps its order. */
export function inTurns(addresses: readonly ResolvedAddress[]): readonly ResolvedAddress[] {
  const [first] = addresses;
  const own = addresses.filter(({ family }) => family === first?.family);
  const others = addresses.filter(({ family }) => family !== first?.family);
  const turns = Array.from({ length: Math.max(own.length, others.length) }, (_, turn) => [own[turn], others[turn]]);
  return turns.flat().filter((one) => one !== undefined);
}

interface Raced {
  readonly winner: Connection | null;
  readonly failed: readonly FailedAttempt[];
}

function race(
  { clock, signal }: Pick<RunContext, 'clock' | 'signal'>,
  candidates: readonly ResolvedAddress[],
  { port, patience, dscp = 0 }: DialAnyOptions,
): Promise<Raced> {
  return new Promise((resolve, reject) => {
    const zeroMs = clock.monotonicMs();
    const waiting = [...candidates];
    const running = new Set<Dialling>();
    const failed: FailedAttempt[] = [];
    let winner: Connection | null = null;
    let headStart: NodeJS.Timeout | undefined;
    let isDecided = false;
    const decide = (code: string) => {
      isDecided = true;
      clearTimeout(headStart);
      endWait();
      signal.removeEventListener('abort', abort);
      for (const dialling of running) dialling.giveUp(code);
    };
    const start = () => {
      clearTimeout(headStart);
      const candidate = isDecided ? undefined : waiting.shift();
      if (candidate === undefined) return;
      const startedMs = clock.monotonicMs() - zeroMs;
      const dialling = dial(candidate, { port, dscp, clock });
      running.add(dialling);
      dialling.ended.then((dialled) => {
        running.delete(dialling);
        take(candidate, startedMs, dialled);
      }, reject);
      headStart = setTimeout(start, ATTEMPT_DELAY_MS);
    };
    const take = ({ address, family }: ResolvedAddress, startedMs: number, dialled: Dialled) => {
      if (dialled.socket === null) {
        const code = isDecided ? dialled.code : patience.judged(dialled.code);
        const { reporter, afterMs, synRetransmits } = dialled;
        failed.push({ address, startedMs, code, reporter, afterMs, synRetransmits });
        start();
      } else if (isDecided) {
        const { socket, connectMs } = dialled;
        socket.on('error', ignore).destroy();
        failed.push({
          address,
          startedMs,
          code: OVERTAKEN,
          reporter: 'network',
          afterMs: connectMs,
          synRetransmits: null,
        });
      } else {
        winner = { address, family, startedMs, ...dialled };
        decide(OVERTAKEN);
      }
      if (running.size > 0) return;
      if (!isDecided) decide('');
      resolve({ winner, failed: failed.sort((a, b) => a.startedMs - b.startedMs) });
    };
    const abort = () => {
      decide('cancelled');
      reject(signal.reason);
    };
    const endWait = patience.wait(decide);
    signal.addEventListener('abort', abort);
    start();
  });
}

function admit(socket: Socket, address: string, permit: RunContext['permit']): void {
  try {
    permit(socket.remoteAddress ?? address);
  } catch (error) {
    socket.on('error', ignore).destroy();
    throw error;
  }
}

/** A discarded socket may still emit an error. */
function ignore(): void {}

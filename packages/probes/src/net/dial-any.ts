import type { Socket } from 'node:net';
import type { Addresses, ResolvedAddress, RunContext } from '../contract/context.ts';
import { connectFinding, endpoint } from '../contract/network-error.ts';
import type { Finding } from '../contract/outcome.ts';
import { dial, type Unconnected } from './dial.ts';
import type { Patience } from './patience.ts';

/** Of a name with more addresses only the first few are tried, so that each gets a fair share of the patience. */
const MOST_ADDRESSES = 4;

/** An address that could not be connected to. */
export interface FailedAttempt extends Unconnected {
  readonly address: string;
}

/** An open socket, paused, to an address that the agent's policy allows; the caller must destroy it. */
export interface Connection extends ResolvedAddress {
  readonly socket: Socket;
  readonly connectMs: number;
}

/** How it ended; `failed` are the other attempts, in their order, and `finding` says why there is no connection. */
export type DialledAny =
  | { readonly connection: Connection; readonly failed: readonly FailedAttempt[] }
  | { readonly connection: null; readonly failed: readonly FailedAttempt[]; readonly finding: Finding };

/**
 * Connects to the first address that lets it, one after the other and never side by side.
 * @throws RunFailure when the policy refuses the address that the socket is connected to; the signal's reason
 */
export async function dialAny(
  { clock, signal, log, permit }: Pick<RunContext, 'clock' | 'signal' | 'log' | 'permit'>,
  addresses: Addresses,
  { port, patience, dscp = 0 }: { readonly port: number; readonly patience: Patience; readonly dscp?: number },
): Promise<DialledAny> {
  const failed: FailedAttempt[] = [];
  const tried = addresses.slice(0, MOST_ADDRESSES);
  for (const [index, candidate] of tried.entries()) {
    const at = endpoint(candidate.address, port);
    const dialled = await dial(candidate, { port, patience, attempts: tried.length - index, dscp, clock, signal });
    if (dialled.socket !== null) {
      const { socket, connectMs } = dialled;
      const { address, family } = candidate;
      log(`connected to ${at} in ${connectMs.toFixed(3)} ms`);
      admit(socket, address, permit);
      return { connection: { address, family, socket, connectMs }, failed };
    }
    const { code, reporter, afterMs, synRetransmits } = dialled;
    log(`connect ${at}: ${code} after ${afterMs.toFixed(3)} ms`);
    failed.push({ address: candidate.address, code, reporter, afterMs, synRetransmits });
  }
  const finding = connectFinding(failed, port);
  if (finding === undefined) throw new RangeError('there is no address to connect to');
  return { connection: null, failed, finding };
}

function admit(socket: Socket, address: string, permit: RunContext['permit']): void {
  try {
    permit(socket.remoteAddress ?? address);
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
}

import { AF_INET, AF_INET6 } from '../kernel/constants.ts';
import { SystemCallError } from '../kernel/errors.ts';
import { parseIpAddress } from '../kernel/ip-address.ts';
import { askKernel, commandKernel } from './netlink.ts';

/** Source: linux/uapi headers rtnetlink.h and neighbour.h. */
const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const NLM_F_REPLACE = 0x100;
const NDMSG_BYTES = 12;
const NDA_DST = 1;
const NUD_INCOMPLETE = 0x01;
const NUD_REACHABLE = 0x02;
const NUD_STALE = 0x04;
const NUD_DELAY = 0x08;
const NUD_PROBE = 0x10;
const NUD_FAILED = 0x20;

/**
 * The kernel's state of a neighbour. `unknown`: it never queried it. `asking`: ARP or a neighbour solicitation is out
 * and not answered, and no older answer counts. `failed`: the kernel gave up. `reachable`: the neighbour answered
 * recently. `doubtful`: it answered once, and nothing confirms that it still would. `probing`: the kernel is querying
 * it again. `fixed`: it needs no query.
 */
export type NeighbourState = 'unknown' | 'asking' | 'failed' | 'reachable' | 'doubtful' | 'probing' | 'fixed';

/**
 * The state of a neighbour in the kernel's table.
 * @param link index of the interface
 * @throws SystemCallError when the kernel cannot be asked, NotSupportedError
 */
export function neighbourState(link: number, address: string): NeighbourState {
  try {
    const { fixed } = askKernel(RTM_GETNEIGH, requestFor(link, address, 0), destination(address), NDMSG_BYTES);
    return stateOf(fixed.readUInt16LE(8));
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'ENOENT') return 'unknown';
    throw error;
  }
}

/**
 * Makes the kernel probe a known neighbour again, with ARP or a neighbour solicitation to its own address. Its state is
 * then `probing` until it answers.
 * @returns false where this process may not (it needs CAP_NET_ADMIN), or where the kernel knows no such neighbour
 */
export function probeNeighbour(link: number, address: string): boolean {
  try {
    commandKernel(RTM_NEWNEIGH, NLM_F_REPLACE, requestFor(link, address, NUD_PROBE), destination(address));
    return true;
  } catch (error) {
    if (error instanceof SystemCallError) return false;
    throw error;
  }
}

function stateOf(bits: number): NeighbourState {
  if (bits & NUD_FAILED) return 'failed';
  if (bits & NUD_INCOMPLETE) return 'asking';
  if (bits & NUD_REACHABLE) return 'reachable';
  if (bits & NUD_PROBE) return 'probing';
  if (bits & (NUD_STALE | NUD_DELAY)) return 'doubtful';
  return bits === 0 ? 'unknown' : 'fixed';
}

function requestFor(link: number, address: string, state: number): Uint8Array {
  const fixed = Buffer.alloc(NDMSG_BYTES);
  fixed[0] = parseIpAddress(bare(address)).family === 4 ? AF_INET : AF_INET6;
  fixed.writeInt32LE(link, 4);
  fixed.writeUInt16LE(state, 8);
  return fixed;
}

const destination = (address: string) => [[NDA_DST, parseIpAddress(bare(address)).bytes] as const];

/** Without its zone, since the interface is a separate field. */
const bare = (address: string): string => address.split('%')[0] ?? address;

import { openUdpSocket, type UdpOptions, type UdpSocket } from '@netsonde/sockets';
import { RunFailure } from '../contract/context.ts';
import { codeOf, faultOf } from '../contract/network-error.ts';

/**
 * Opens a kernel-stamped datagram socket for a run, which talks with one peer.
 * @param at the peer, as written in operations
 * @throws RunFailure with side `agent` when this host cannot open one
 */
export async function openDatagrams(options: UdpOptions, at: string): Promise<UdpSocket> {
  try {
    return await openUdpSocket({ ...options, onePeer: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RunFailure({ ...faultOf(codeOf(error), 'local'), operation: `open a socket for ${at}` }, message);
  }
}

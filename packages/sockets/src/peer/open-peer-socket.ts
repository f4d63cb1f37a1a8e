import { whyNotSupported } from '../kernel/libc.ts';
import { openPlainPeer } from './plain-peer.ts';
import { openStampedPeer } from './stamped-peer.ts';
import type { Peer, PeerListener, PeerSocket } from './types.ts';

let stamps: boolean | undefined;

/**
 * Opens a new datagram socket connected to one peer. The kernel accepts datagrams only from that peer, chooses the
 * port, and stamps sends and receives. It is made for checks of one question and one answer. Compared with
 * `openUdpSocket` it saves the hop to another thread and has the same stamps, but reports an answer up to some ms after
 * its arrival. Without kernel stamps, times are the process's.
 * @throws SystemCallError when this host has no route to it, RangeError for a wrong address
 */
export function openPeerSocket(peer: Peer, listener: PeerListener): PeerSocket {
  stamps ??= whyNotSupported() === undefined;
  return stamps ? openStampedPeer(peer, listener) : openPlainPeer(peer, listener);
}

import { whyNotSupported } from '../kernel/libc.ts';
import { openPlainPeer } from './plain-peer.ts';
import { openStampedPeer } from './stamped-peer.ts';
import type { Peer, PeerListener, PeerSocket } from './types.ts';

let stamps: boolean | undefined;

/**
 * Opens a fresh datagram socket connected to one peer: the kernel lets nothing else in, chooses its port, and stamps what
 * is sent and what comes. Made for checks of one question and one answer: beside `openUdpSocket` it spares the hop to
 * another thread, and its stamps are the same; an answer is told up to some ms after it came. Where the kernel cannot be
 * asked, times are the process's.
 * @throws SystemCallError when this host has no way there, RangeError for a wrong address
 */
export function openPeerSocket(peer: Peer, listener: PeerListener): PeerSocket {
  stamps ??= whyNotSupported() === undefined;
  return stamps ? openStampedPeer(peer, listener) : openPlainPeer(peer, listener);
}

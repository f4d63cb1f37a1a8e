import type { Socket } from 'node:net';
import { socketFd, tcpInfo, whyNotSupported } from '@netsonde/sockets';

/** Whose clock timed the opening of a connection. */
export type ConnectTiming = 'kernel' | 'process';

/**
 * How long the handshake of a new connection took by the kernel's clock, ms: from its SYN to the SYN-ACK. Ask right
 * after it connected, since later round trips change the value. null where the kernel has no such sample, or where it
 * sent the SYN again: its sample leaves out the wait for the first one.
 * Source: Linux tcp_info (tcpi_rtt, tcpi_total_retrans)
 */
export function kernelHandshakeMs(socket: Socket): number | null {
  if (socket.destroyed || whyNotSupported() !== undefined) return null;
  try {
    const { rttUs = 0, totalRetransmits } = tcpInfo(socketFd(socket));
    return totalRetransmits === 0 && rttUs > 0 ? rttUs / 1000 : null;
  } catch {
    return null;
  }
}

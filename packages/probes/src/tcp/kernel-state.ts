import type { Socket } from 'node:net';
import { SystemCallError, socketFd, type TcpInfo, tcpCongestion, tcpInfo, whyNotSupported } from '@netsonde/sockets';
import { kernelSetting } from './kernel-setting.ts';
import type { Absent, ConnectionState } from './observation.ts';

/** Values of `net.ipv4.tcp_ecn` with which outgoing connections ask for ECN. */
const ASKS_FOR_ECN = new Set(['1', '3', '4']);

const absent = (reason: Absent['absent']): Absent => Object.freeze({ absent: reason });
const NOT_SUPPORTED = absent('not_supported');

/**
 * The kernel's data on a connection; absent where the kernel cannot be queried, or when the connection is already
 * closed.
 */
export function connectionStateOf(socket: Socket): ConnectionState | Absent {
  if (whyNotSupported() !== undefined) return NOT_SUPPORTED;
  if (socket.destroyed) return absent('run_failed');
  const fd = socketFd(socket);
  const info = tcpInfo(fd);
  const sampled = (info.rttUs ?? 0) > 0;
  return {
    synRetransmits: info.totalRetransmits ?? NOT_SUPPORTED,
    mssBytes: info.sendMssBytes ?? NOT_SUPPORTED,
    pathMtuBytes: info.pathMtuBytes ?? NOT_SUPPORTED,
    cwndSegments: info.cwndSegments ?? NOT_SUPPORTED,
    ssthreshSegments: info.ssthreshSegments ?? absent('not_applicable'),
    srttUs: (sampled ? info.rttUs : undefined) ?? absent('not_applicable'),
    rttvarUs: (sampled ? info.rttVarUs : undefined) ?? absent('not_applicable'),
    sack: info.sack,
    timestamps: info.timestamps,
    windowScale: windowScaleOf(info),
    ecn: info.ecnNegotiated || ecnDenied(),
    congestionAlgorithm: congestionOf(fd),
  };
}

function windowScaleOf({
  windowScaleSend: send,
  windowScaleReceive: receive,
}: TcpInfo): ConnectionState['windowScale'] {
  if (send !== undefined && receive !== undefined) return { send, receive };
  return absent(kernelSetting('tcp_window_scaling') === '0' ? 'not_requested' : 'not_offered_by_target');
}

/** Whether the far end refused ECN, or this host never requested it. */
function ecnDenied(): false | Absent {
  return ASKS_FOR_ECN.has(kernelSetting('tcp_ecn') ?? '') ? false : absent('not_requested');
}

function congestionOf(fd: number): string | Absent {
  try {
    return tcpCongestion(fd);
  } catch (error) {
    if (error instanceof SystemCallError) return NOT_SUPPORTED;
    throw error;
  }
}

import { IPPROTO_TCP, TCP_INFO } from '../kernel/constants.ts';
import { check, libc } from '../kernel/libc.ts';
import { fields } from './tcp-info-layout.ts';
import type { TcpInfo } from './tcp-info-types.ts';

const ROOM = 512;
const buffer = new ArrayBuffer(ROOM);
const view = new DataView(buffer);
const length = new Uint32Array(1);

const OPTION_TIMESTAMPS = 1;
const OPTION_SACK = 2;
const OPTION_WINDOW_SCALE = 4;
const OPTION_ECN = 8;
const OPTION_ECN_SEEN = 16;

/** `snd_ssthresh` while no loss has set it: the kernel's "infinity". */
const INFINITE_SSTHRESH = 0x7fff_ffff;

/**
 * The kernel's current data on a TCP connection.
 * @throws SystemCallError (EBADF, ENOTSOCK, EOPNOTSUPP: not a TCP socket), NotSupportedError
 */
export function tcpInfo(fd: number): TcpInfo {
  length[0] = ROOM;
  check(libc().getsockopt(fd, IPPROTO_TCP, TCP_INFO, view, length), 'getsockopt', 'TCP_INFO');
  return decodeTcpInfo(view, length[0] ?? 0);
}

/** Decodes a `struct tcp_info` of which the kernel wrote `written` bytes; fields beyond are left out. */
export function decodeTcpInfo(from: DataView, written: number): TcpInfo {
  const info: Record<string, number | boolean> = {};
  for (const [name, offset, width] of fields) {
    if (offset + width > written) break;
    const value = read(from, offset, width);
    if (name !== 'ssthreshSegments' || value < INFINITE_SSTHRESH) info[name] = value;
  }
  const options = from.getUint8(5);
  const scales = from.getUint8(6);
  const windowScale = (options & OPTION_WINDOW_SCALE) !== 0;
  if (windowScale) info.windowScaleSend = scales & 15;
  if (windowScale) info.windowScaleReceive = scales >> 4;
  info.timestamps = (options & OPTION_TIMESTAMPS) !== 0;
  info.sack = (options & OPTION_SACK) !== 0;
  info.ecnNegotiated = (options & OPTION_ECN) !== 0;
  info.ecnSeen = (options & OPTION_ECN_SEEN) !== 0;
  return info as unknown as TcpInfo;
}

function read(from: DataView, offset: number, width: 1 | 2 | 4 | 8): number {
  switch (width) {
    case 1:
      return from.getUint8(offset);
    case 2:
      return from.getUint16(offset, true);
    case 4:
      return from.getUint32(offset, true);
    case 8:
      return from.getUint32(offset, true) + from.getUint32(offset + 4, true) * 2 ** 32;
  }
}

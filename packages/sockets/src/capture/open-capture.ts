import { createAncillary, decodeAncillary } from '../kernel/ancillary.ts';
import {
  AF_PACKET,
  MSG_DONTWAIT,
  SO_TIMESTAMPING,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOF_TIMESTAMPING_RX_SOFTWARE,
  SOF_TIMESTAMPING_SOFTWARE,
  SOL_SOCKET,
} from '../kernel/constants.ts';
import { SystemCallError } from '../kernel/errors.ts';
import { SOCKADDR_LL } from '../kernel/layouts.ts';
import { check, libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import { growBuffers, setIntOption } from '../kernel/socket-options.ts';

/** One frame seen on an interface. */
export interface Frame {
  /** Wall-clock time of the kernel's stamp in nanoseconds since `Capture.baseSeconds`. */
  readonly atNs: number;
  /** True if this host sent it. */
  readonly outgoing: boolean;
  /** The frame from its link header on (a TUN device has none), cut at the snap length. */
  readonly bytes: Uint8Array;
}

/** A packet capture with the kernel's own stamps, the same that a packet sniffer shows. */
export interface Capture {
  readonly fd: number;
  /** Whole seconds since 1970 at the opening. */
  readonly baseSeconds: number;
  /** All frames captured since the last call, up to some thousands. Returns at once. */
  read(): Frame[];
  close(): void;
}

const ETH_P_ALL = 0x0003;
const PACKET_OUTGOING = 4;
const EAGAIN = 11;
const BATCH = 64;
const SNAP_BYTES = 256;
const BUFFER_BYTES = 64 << 20;
const MOST_ROUNDS = 256;

/**
 * Captures all frames of one interface of the calling thread's network namespace.
 * @throws SystemCallError (EPERM: needs CAP_NET_RAW), RangeError for an interface that is not there
 */
export function openCapture(interfaceName: string): Capture {
  const calls = libc();
  const index = calls.if_nametoindex(interfaceName);
  if (index === 0) throw new RangeError(`interface ${JSON.stringify(interfaceName)} is not there`);
  const fd = check(calls.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket', 'AF_PACKET');
  const name = new DataView(new ArrayBuffer(SOCKADDR_LL.size));
  name.setUint16(SOCKADDR_LL.family, AF_PACKET, true);
  name.setUint16(SOCKADDR_LL.protocol, ETH_P_ALL);
  name.setInt32(SOCKADDR_LL.index, index, true);
  growBuffers(fd, BUFFER_BYTES);
  const stamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  setIntOption(fd, SOL_SOCKET, SO_TIMESTAMPING, stamps, 'SO_TIMESTAMPING');
  if (calls.bind(fd, name, SOCKADDR_LL.size) < 0) {
    const errno = calls.errno();
    calls.close(fd);
    throw new SystemCallError('bind', errno, interfaceName);
  }
  return captureOver(fd);
}

function captureOver(fd: number): Capture {
  const calls = libc();
  const baseSeconds = Math.floor(Date.now() / 1000);
  const batch = new MessageBatch({ capacity: BATCH, nameBytes: 32, controlBytes: 128, payloadBytes: SNAP_BYTES });
  let open = true;
  return Object.freeze({
    fd,
    baseSeconds,
    read() {
      const frames: Frame[] = [];
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        batch.prepareReceive(BATCH);
        const count = calls.recvmmsg(fd, batch.address, BATCH, MSG_DONTWAIT, null);
        for (let index = 0; index < count; index += 1) frames.push(frameOf(batch, index, baseSeconds));
        if (count < 0 && calls.errno() === EAGAIN) break;
      }
      return frames;
    },
    close() {
      if (open) calls.close(fd);
      open = false;
    },
  });
}

function frameOf(batch: MessageBatch, index: number, baseSeconds: number): Frame {
  const ancillary = createAncillary();
  decodeAncillary(batch, index, baseSeconds, ancillary);
  const at = batch.payloadAt(index);
  const length = Math.min(batch.lengthOf(index), batch.shape.payloadBytes);
  return {
    atNs: ancillary.stampNs,
    outgoing: batch.bytes[batch.nameAt(index) + SOCKADDR_LL.packetType] === PACKET_OUTGOING,
    bytes: batch.bytes.slice(at, at + length),
  };
}

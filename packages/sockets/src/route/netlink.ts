import { AF_NETLINK, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from '../kernel/constants.ts';
import { SystemCallError } from '../kernel/errors.ts';
import { check, libc } from '../kernel/libc.ts';

/** Numbers of rtnetlink. Source: linux/uapi headers netlink.h and rtnetlink.h. */
const NETLINK_ROUTE = 0;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const HEADER_BYTES = 16;
const ATTRIBUTE_BYTES = 4;
/** Attribute types carry two flags in their upper bits. */
const TYPE_MASK = 0x3fff;
const ROOM_BYTES = 32_768;

const answer = Buffer.alloc(ROOM_BYTES);

/** One attribute of a request: its type and its value. */
export type Attribute = readonly [type: number, value: Uint8Array];

/** The kernel's answer: the fixed part of the message, and its attributes by type. */
export interface NetlinkAnswer {
  readonly fixed: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

/**
 * Sends the kernel one rtnetlink request and reads its one answer. The kernel handles a request within the send call,
 * so there is no wait.
 * @param fixedBytes length of the fixed part of the answer
 * @throws SystemCallError with the errno that the kernel answers
 */
export function askKernel(
  type: number,
  fixed: Uint8Array,
  attributes: readonly Attribute[],
  fixedBytes: number,
): NetlinkAnswer {
  const read = exchange(type, NLM_F_REQUEST, fixed, attributes);
  return { fixed: read.subarray(0, fixedBytes), attributes: readAttributes(read.subarray(fixedBytes)) };
}

/** Sends the kernel one command of rtnetlink. @throws SystemCallError with the errno that the kernel answers */
export function commandKernel(type: number, flags: number, fixed: Uint8Array, attributes: readonly Attribute[]): void {
  exchange(type, NLM_F_REQUEST | NLM_F_ACK | flags, fixed, attributes);
}

function exchange(type: number, flags: number, fixed: Uint8Array, attributes: readonly Attribute[]): Buffer {
  const calls = libc();
  const fd = check(
    calls.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE),
    'socket',
    'netlink',
  );
  try {
    const message = messageOf(type, flags, fixed, attributes);
    check(calls.write(fd, message, message.length), 'write', 'netlink');
    const length = check(Number(calls.read(fd, answer, answer.length)), 'read', 'netlink');
    const end = Math.min(length, answer.readUInt32LE(0));
    if (answer.readUInt16LE(4) === NLMSG_ERROR) {
      const errno = -answer.readInt32LE(HEADER_BYTES);
      if (errno !== 0) throw new SystemCallError('rtnetlink', errno);
    }
    return Buffer.from(answer.subarray(HEADER_BYTES, end));
  } finally {
    calls.close(fd);
  }
}

function messageOf(type: number, flags: number, fixed: Uint8Array, attributes: readonly Attribute[]): Buffer {
  const parts = attributes.map(([kind, value]) => {
    const part = Buffer.alloc(aligned(ATTRIBUTE_BYTES + value.length));
    part.writeUInt16LE(ATTRIBUTE_BYTES + value.length, 0);
    part.writeUInt16LE(kind, 2);
    part.set(value, ATTRIBUTE_BYTES);
    return part;
  });
  const header = Buffer.alloc(HEADER_BYTES);
  const message = Buffer.concat([header, fixed, ...parts]);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  message.writeUInt32LE(1, 8);
  return message;
}

function readAttributes(from: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  let at = 0;
  while (at + ATTRIBUTE_BYTES <= from.length) {
    const length = from.readUInt16LE(at);
    if (length < ATTRIBUTE_BYTES || at + length > from.length) break;
    found.set(from.readUInt16LE(at + 2) & TYPE_MASK, from.subarray(at + ATTRIBUTE_BYTES, at + length));
    at += aligned(length);
  }
  return found;
}

const aligned = (bytes: number): number => (bytes + 3) & ~3;

import {
  ICMP_FILTER,
  ICMPV6_FILTER,
  IPPROTO_ICMPV6,
  SO_ATTACH_FILTER,
  SOL_RAW,
  SOL_SOCKET,
} from '../kernel/constants.ts';
import type { IpFamily } from '../kernel/ip-address.ts';
import { SOCK_FILTER, SOCK_FPROG } from '../kernel/layouts.ts';
import { check, libc } from '../kernel/libc.ts';

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

const LOAD_HALF = 0x28;
const LOAD_HALF_INDEXED = 0x48;
const LOAD_HEADER_LENGTH = 0xb1;
const JUMP_EQUAL = 0x15;
const RETURN = 0x06;
const WHOLE_PACKET = 0xffff_ffff;

/** ICMP types of echo answers. */
export const ECHO_REPLY = 0;
export const ECHO_REPLY_V6 = 129;

/**
 * Makes the kernel drop all ICMP but the answers to our own echo id before it reaches the socket's queue: by type first
 * (no copy is made then), by id with a classic BPF program. IPv4 packets begin with their IP header, IPv6 ones do not.
 * @throws SystemCallError
 */
export function acceptOnlyReplies(fd: number, family: IpFamily, id: number): void {
  const calls = libc();
  if (family === 4)
    check(calls.setsockopt(fd, SOL_RAW, ICMP_FILTER, allBut(ECHO_REPLY, 1), 4), 'setsockopt', 'ICMP_FILTER');
  else {
    const blocked = allBut(ECHO_REPLY_V6, 8);
    check(calls.setsockopt(fd, IPPROTO_ICMPV6, ICMPV6_FILTER, blocked, 32), 'setsockopt', 'ICMPV6_FILTER');
  }
  attach(fd, family === 4 ? replyWithId4(id) : replyWithId6(id));
}

/** A bit set of ICMP types that are blocked: all but one. */
function allBut(type: number, words: number): Uint32Array {
  const blocked = new Uint32Array(words).fill(0xffff_ffff);
  blocked[type >> 5] = ~(1 << (type & 31));
  return blocked;
}

function replyWithId4(id: number): Instruction[] {
  return [
    [LOAD_HEADER_LENGTH, 0, 0, 0],
    [LOAD_HALF_INDEXED, 0, 0, 0],
    [JUMP_EQUAL, 0, 3, ECHO_REPLY << 8],
    [LOAD_HALF_INDEXED, 0, 0, 4],
    [JUMP_EQUAL, 0, 1, id],
    [RETURN, 0, 0, WHOLE_PACKET],
    [RETURN, 0, 0, 0],
  ];
}

function replyWithId6(id: number): Instruction[] {
  return [
    [LOAD_HALF, 0, 0, 0],
    [JUMP_EQUAL, 0, 3, ECHO_REPLY_V6 << 8],
    [LOAD_HALF, 0, 0, 4],
    [JUMP_EQUAL, 0, 1, id],
    [RETURN, 0, 0, WHOLE_PACKET],
    [RETURN, 0, 0, 0],
  ];
}

function attach(fd: number, program: readonly Instruction[]): void {
  const calls = libc();
  const code = new DataView(new ArrayBuffer(program.length * SOCK_FILTER.size));
  for (const [index, [operation, ifTrue, ifFalse, k]] of program.entries()) {
    const at = index * SOCK_FILTER.size;
    code.setUint16(at, operation, true);
    code.setUint8(at + 2, ifTrue);
    code.setUint8(at + 3, ifFalse);
    code.setUint32(at + 4, k, true);
  }
  const header = new DataView(new ArrayBuffer(SOCK_FPROG.size));
  header.setUint16(SOCK_FPROG.count, program.length, true);
  header.setBigUint64(SOCK_FPROG.filter, calls.address(code), true);
  check(calls.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, header, SOCK_FPROG.size), 'setsockopt', 'SO_ATTACH_FILTER');
}

import { IP_PKTINFO, IPPROTO_IP, IPPROTO_IPV6, IPV6_PKTINFO } from '../kernel/constants.ts';
import { CMSGHDR } from '../kernel/layouts.ts';
import type { MessageBatch } from '../kernel/message-batch.ts';

/** `struct in_pktinfo`: interface, local address, destination address. */
const IN_PKTINFO = Object.freeze({ size: 12, interface: 0, local: 4 });
/** `struct in6_pktinfo`: address, interface. */
const IN6_PKTINFO = Object.freeze({ size: 20, address: 0, interface: 16 });

/**
 * Writes the control data that make an answer leave from the address that the datagram was sent to, from those of
 * received message `index` into message `answer` of another batch. Returns their length, 0 where the kernel must
 * choose, because the address is missing or multicast. Source: ip(7) (IP_PKTINFO); layouts: headers linux/in.h and
 * linux/ipv6.h
 */
export function writeAnswerFrom(received: MessageBatch, index: number, answers: MessageBatch, answer: number): number {
  const { words } = received;
  let at = received.controlAt(index);
  const end = at + Math.min(received.controlLengthOf(index), received.shape.controlBytes);
  while (at + CMSGHDR.size <= end) {
    const length = words[at >> 2] ?? 0;
    if (length < CMSGHDR.size) return 0;
    const level = words[(at + CMSGHDR.level) >> 2];
    const type = words[(at + CMSGHDR.type) >> 2];
    const data = at + CMSGHDR.data;
    if (level === IPPROTO_IP && type === IP_PKTINFO) return writeInfo4(received, data, answers, answer);
    if (level === IPPROTO_IPV6 && type === IPV6_PKTINFO) return writeInfo6(received, data, answers, answer);
    at += (length + 7) & ~7;
  }
  return 0;
}

function writeInfo4(received: MessageBatch, from: number, answers: MessageBatch, answer: number): number {
  const data = writeHeader(answers, answer, IPPROTO_IP, IP_PKTINFO, IN_PKTINFO.size);
  answers.bytes.fill(0, data, data + IN_PKTINFO.size);
  answers.words[(data + IN_PKTINFO.local) >> 2] = received.words[(from + IN_PKTINFO.local) >> 2] ?? 0;
  return align(CMSGHDR.size + IN_PKTINFO.size);
}

function writeInfo6(received: MessageBatch, from: number, answers: MessageBatch, answer: number): number {
  const first = received.bytes[from];
  if (first === 0xff) return 0;
  const data = writeHeader(answers, answer, IPPROTO_IPV6, IPV6_PKTINFO, IN6_PKTINFO.size);
  for (let byte = 0; byte < 16; byte += 1) answers.bytes[data + byte] = received.bytes[from + byte] ?? 0;
  // A link-local address is valid only on its own interface.
  const isLinkLocal = first === 0xfe && ((received.bytes[from + 1] ?? 0) & 0xc0) === 0x80;
  answers.words[(data + IN6_PKTINFO.interface) >> 2] = isLinkLocal
    ? (received.words[(from + IN6_PKTINFO.interface) >> 2] ?? 0)
    : 0;
  return align(CMSGHDR.size + IN6_PKTINFO.size);
}

/** Returns where the data of the entry begin. */
function writeHeader(answers: MessageBatch, answer: number, level: number, type: number, size: number): number {
  const at = answers.controlAt(answer);
  const { words } = answers;
  words[at >> 2] = CMSGHDR.size + size;
  words[(at + 4) >> 2] = 0;
  words[(at + CMSGHDR.level) >> 2] = level;
  words[(at + CMSGHDR.type) >> 2] = type;
  return at + CMSGHDR.data;
}

const align = (length: number): number => (length + 7) & ~7;

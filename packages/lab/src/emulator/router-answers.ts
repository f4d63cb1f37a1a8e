import { addWords, foldChecksum, sealIcmpv6, sealIpv4Header } from './checksum.ts';

/** Why a router sends an ICMP error. `mtuBytes` is the next hop's. */
export type AnswerReason = { kind: 'ttl_exceeded' } | { kind: 'too_big'; mtuBytes: number };

/** Maximum bytes of the offending packet in an answer: an IPv4 error stays within 576 bytes (RFC 1812 section 4.3.2.3). */
const QUOTE_IPV4_BYTES = 576 - 28;
/** An ICMPv6 error stays within the minimum IPv6 MTU. Source: RFC 4443 section 2.4 (c) */
const QUOTE_IPV6_BYTES = 1280 - 48;
/** The TTL of packets that a router originates. */
export const ROUTER_TTL = 64;
/** Internetwork control, as routers mark what they originate. */
const ROUTER_TOS = 0xc0;

/** Builds the router's answer to an offending packet, quoted as the router saw it. */
export function routerAnswer(offending: Buffer, reason: AnswerReason, routerAddress: Uint8Array, ipId: number): Buffer {
  return (offending[0] ?? 0) >> 4 === 4
    ? answerIpv4(offending, reason, routerAddress, ipId)
    : answerIpv6(offending, reason, routerAddress);
}

function answerIpv4(offending: Buffer, reason: AnswerReason, router: Uint8Array, ipId: number): Buffer {
  const quote = offending.subarray(0, QUOTE_IPV4_BYTES);
  const packet = Buffer.alloc(28 + quote.length);
  packet[0] = 0x45;
  packet[1] = ROUTER_TOS;
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt16BE(ipId & 0xffff, 4);
  packet[8] = ROUTER_TTL;
  packet[9] = 1;
  packet.set(router, 12);
  packet.set(offending.subarray(12, 16), 16);
  packet[20] = reason.kind === 'too_big' ? 3 : 11;
  packet[21] = reason.kind === 'too_big' ? 4 : 0;
  if (reason.kind === 'too_big') packet.writeUInt16BE(reason.mtuBytes, 26);
  packet.set(quote, 28);
  packet.writeUInt16BE(foldChecksum(addWords(packet, 20, packet.length)), 22);
  sealIpv4Header(packet);
  return packet;
}

function answerIpv6(offending: Buffer, reason: AnswerReason, router: Uint8Array): Buffer {
  const quote = offending.subarray(0, QUOTE_IPV6_BYTES);
  const packet = Buffer.alloc(48 + quote.length);
  packet[0] = 0x60;
  packet.writeUInt16BE(8 + quote.length, 4);
  packet[6] = 58;
  packet[7] = ROUTER_TTL;
  packet.set(router, 8);
  packet.set(offending.subarray(8, 24), 24);
  packet[40] = reason.kind === 'too_big' ? 2 : 3;
  if (reason.kind === 'too_big') packet.writeUInt32BE(reason.mtuBytes, 44);
  packet.set(quote, 48);
  sealIcmpv6(packet);
  return packet;
}

import { sealIpv4Header } from './checksum.ts';

/** What a router changes in a packet that it forwards; edits happen in place. */

/** Sets the TTL or hop limit (0 to 255). */
export function setTtl(packet: Buffer, ttl: number): void {
  if (isIpv4(packet)) {
    packet[8] = ttl;
    sealIpv4Header(packet);
  } else packet[7] = ttl;
}

/** Sets the TOS or traffic class byte (0 to 255). */
export function setTos(packet: Buffer, tos: number): void {
  if (isIpv4(packet)) {
    packet[1] = tos;
    sealIpv4Header(packet);
    return;
  }
  packet.writeUInt16BE((packet.readUInt16BE(0) & 0xf00f) | (tos << 4), 0);
}

/** The TOS or traffic class byte. */
export function tosOf(packet: Buffer): number {
  return isIpv4(packet) ? (packet[1] ?? 0) : (packet.readUInt16BE(0) >> 4) & 0xff;
}

/** Cuts an IPv4 packet into fragments that fit `mtuBytes`. Source: RFC 791 section 3.2 */
export function fragmentIpv4(packet: Buffer, mtuBytes: number): Buffer[] {
  const headerBytes = ((packet[0] ?? 0) & 0x0f) * 4;
  const payloadPerFragment = (mtuBytes - headerBytes) & ~7;
  const first = packet.readUInt16BE(6);
  const firstOffset = first & 0x1fff;
  const moreAfter = (first & 0x2000) !== 0;
  const fragments: Buffer[] = [];
  for (let from = headerBytes; from < packet.length; from += payloadPerFragment) {
    const to = Math.min(from + payloadPerFragment, packet.length);
    const fragment = Buffer.concat([packet.subarray(0, headerBytes), packet.subarray(from, to)]);
    const isLast = to === packet.length && !moreAfter;
    fragment.writeUInt16BE(fragment.length, 2);
    fragment.writeUInt16BE((firstOffset + (from - headerBytes) / 8) | (isLast ? 0 : 0x2000), 6);
    sealIpv4Header(fragment);
    fragments.push(fragment);
  }
  return fragments;
}

function isIpv4(packet: Buffer): boolean {
  return (packet[0] ?? 0) >> 4 === 4;
}

import type { PayloadChange } from '../network/path.ts';
import { addWords, foldChecksum, sealIpv4Header } from './checksum.ts';

const ICMP = 1;
const UDP = 17;
const ICMPV6 = 58;
/** ICMP echo and UDP headers have the same length. */
const UPPER_HEADER = 8;

/**
 * Returns the packet with its payload changed. Returns the same packet where ICMP or UDP does not directly follow its
 * IP header, or where the payload has no such byte.
 */
export function changePayload(packet: Buffer, change: PayloadChange): Buffer {
  const isIpv4 = (packet[0] ?? 0) >> 4 === 4;
  const upper = isIpv4 ? ((packet[0] ?? 0) & 0x0f) * 4 : 40;
  const protocol = packet[isIpv4 ? 9 : 6] ?? 0;
  const payload = upper + UPPER_HEADER;
  const at = payload + ('keepBytes' in change ? change.keepBytes : change.flipByte);
  if (![ICMP, UDP, ICMPV6].includes(protocol) || at >= packet.length) return packet;
  const changed = Buffer.from('keepBytes' in change ? packet.subarray(0, at) : packet);
  if ('flipByte' in change) changed[at] = (changed[at] ?? 0) ^ 1;
  if ('unsealed' in change && change.unsealed) return changed;
  writeLengths(changed, isIpv4, upper, protocol);
  sealUpper(changed, isIpv4, upper, protocol);
  return changed;
}

function writeLengths(packet: Buffer, isIpv4: boolean, upper: number, protocol: number): void {
  if (isIpv4) {
    packet.writeUInt16BE(packet.length, 2);
    sealIpv4Header(packet);
  } else packet.writeUInt16BE(packet.length - 40, 4);
  if (protocol === UDP) packet.writeUInt16BE(packet.length - upper, upper + 4);
}

/** Source: RFC 792 (no pseudo-header), RFC 768 and RFC 8200 section 8.1 (with it) */
function sealUpper(packet: Buffer, isIpv4: boolean, upper: number, protocol: number): void {
  const at = upper + (protocol === UDP ? 6 : 2);
  packet.writeUInt16BE(0, at);
  const addresses = isIpv4 ? addWords(packet, 12, 20) : addWords(packet, 8, 40);
  const pseudo = protocol === ICMP ? 0 : addresses + (packet.length - upper) + protocol;
  const sum = foldChecksum(addWords(packet, upper, packet.length, pseudo));
  packet.writeUInt16BE(protocol === UDP && sum === 0 ? 0xffff : sum, at);
}

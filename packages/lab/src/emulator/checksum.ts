/** Adds 16-bit big-endian words to a running sum; an odd last byte counts as the high byte of a word. */
export function addWords(bytes: Uint8Array, from: number, to: number, sum = 0): number {
  let total = sum;
  let index = from;
  for (; index + 1 < to; index += 2) total += ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  if (index < to) total += (bytes[index] ?? 0) << 8;
  return total;
}

/** The Internet checksum of a running sum: the complement of its one's complement fold. Source: RFC 1071 section 1 */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return ~folded & 0xffff;
}

/** Writes the header checksum of the IPv4 packet that starts at byte 0. */
export function sealIpv4Header(packet: Buffer): void {
  const headerBytes = ((packet[0] ?? 0) & 0x0f) * 4;
  packet.writeUInt16BE(0, 10);
  packet.writeUInt16BE(foldChecksum(addWords(packet, 0, headerBytes)), 10);
}

/** Writes the ICMPv6 checksum (with its pseudo-header) of a packet whose ICMPv6 message follows the fixed header. */
export function sealIcmpv6(packet: Buffer): void {
  const messageBytes = packet.length - 40;
  packet.writeUInt16BE(0, 42);
  const pseudo = addWords(packet, 8, 40) + messageBytes + 58;
  packet.writeUInt16BE(foldChecksum(addWords(packet, 40, packet.length, pseudo)), 42);
}

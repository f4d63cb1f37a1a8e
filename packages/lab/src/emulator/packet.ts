/** The fields that the lab reads from an IP packet: enough to find it again in what a probe reports. */
export interface PacketIdentity {
  readonly version: 4 | 6;
  /** The upper protocol: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6 ... */
  readonly protocol: number;
  /** Network-order address, 4 or 16 bytes. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** TTL or hop limit, 0 to 255. */
  readonly ttl: number;
  /** The whole TOS or traffic class byte: DSCP in the high six bits, ECN in the low two. */
  readonly tos: number;
  /** The IPv4 identification; 0 for IPv6 (its fragments carry theirs in an extension header). */
  readonly ipId: number;
  readonly dontFragment: boolean;
  /** A later fragment: it has no ports. */
  readonly laterFragment: boolean;
  readonly lengthBytes: number;
  /** ICMP and ICMPv6 only, else 0. */
  readonly icmpType: number;
  readonly icmpCode: number;
  /** The echo identifier or the source port; 0 where there is none. */
  readonly sourceId: number;
  /** The echo sequence or the destination port; 0 where there is none. */
  readonly destinationId: number;
  /** The TCP sequence number, else 0. */
  readonly tcpSequence: number;
}

const IPV6_EXTENSIONS = new Set([0, 43, 60]);

/** Decodes an IPv4 or IPv6 packet; undefined when it is neither or cut short. */
export function decodePacket(bytes: Buffer): PacketIdentity | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4 && bytes.length >= 20) return decodeIpv4(bytes);
  if (version === 6 && bytes.length >= 40) return decodeIpv6(bytes);
  return undefined;
}

function decodeIpv4(bytes: Buffer): PacketIdentity {
  const headerBytes = ((bytes[0] ?? 0) & 0x0f) * 4;
  const fragment = bytes.readUInt16BE(6);
  const protocol = bytes[9] ?? 0;
  const laterFragment = (fragment & 0x1fff) !== 0;
  return {
    version: 4,
    protocol,
    source: bytes.subarray(12, 16),
    destination: bytes.subarray(16, 20),
    ttl: bytes[8] ?? 0,
    tos: bytes[1] ?? 0,
    ipId: bytes.readUInt16BE(4),
    dontFragment: (fragment & 0x4000) !== 0,
    laterFragment,
    lengthBytes: bytes.length,
    ...upperIdentity(bytes, headerBytes, protocol, laterFragment),
  };
}

function decodeIpv6(bytes: Buffer): PacketIdentity {
  let protocol = bytes[6] ?? 0;
  let offset = 40;
  let laterFragment = false;
  while (IPV6_EXTENSIONS.has(protocol) && offset + 8 <= bytes.length) {
    protocol = bytes[offset] ?? 0;
    offset += ((bytes[offset + 1] ?? 0) + 1) * 8;
  }
  if (protocol === 44 && offset + 8 <= bytes.length) {
    laterFragment = (bytes.readUInt16BE(offset + 2) & 0xfff8) !== 0;
    protocol = bytes[offset] ?? 0;
    offset += 8;
  }
  return {
    version: 6,
    protocol,
    source: bytes.subarray(8, 24),
    destination: bytes.subarray(24, 40),
    ttl: bytes[7] ?? 0,
    tos: (bytes.readUInt16BE(0) >> 4) & 0xff,
    ipId: 0,
    dontFragment: true,
    laterFragment,
    lengthBytes: bytes.length,
    ...upperIdentity(bytes, offset, protocol, laterFragment),
  };
}

type UpperIdentity = Pick<PacketIdentity, 'icmpType' | 'icmpCode' | 'sourceId' | 'destinationId' | 'tcpSequence'>;

function upperIdentity(bytes: Buffer, offset: number, protocol: number, laterFragment: boolean): UpperIdentity {
  const none = { icmpType: 0, icmpCode: 0, sourceId: 0, destinationId: 0, tcpSequence: 0 };
  if (laterFragment || offset + 8 > bytes.length) return none;
  if (protocol === 1 || protocol === 58) {
    const icmpType = bytes[offset] ?? 0;
    const isEcho = protocol === 1 ? icmpType === 8 || icmpType === 0 : icmpType === 128 || icmpType === 129;
    return {
      icmpType,
      icmpCode: bytes[offset + 1] ?? 0,
      sourceId: isEcho ? bytes.readUInt16BE(offset + 4) : 0,
      destinationId: isEcho ? bytes.readUInt16BE(offset + 6) : 0,
      tcpSequence: 0,
    };
  }
  if (protocol !== 6 && protocol !== 17) return none;
  return {
    ...none,
    sourceId: bytes.readUInt16BE(offset),
    destinationId: bytes.readUInt16BE(offset + 2),
    tcpSequence: protocol === 6 ? bytes.readUInt32BE(offset + 4) : 0,
  };
}

/** Whether routers must not answer this packet: multicast, later fragments and ICMP errors. */
export function deservesNoAnswer(packet: PacketIdentity): boolean {
  if (packet.laterFragment || isLinkScoped(packet)) return true;
  if (packet.protocol === 1) return ![0, 8, 13, 14].includes(packet.icmpType);
  return packet.protocol === 58 && packet.icmpType < 128;
}

/** Whether the packet must not leave its link (multicast, broadcast, link-local): the emulator ignores it. */
export function isLinkScoped(packet: PacketIdentity): boolean {
  const [first = 0, second = 0] = packet.destination;
  if (packet.version === 4) return first >= 224 || (first === 169 && second === 254);
  const [sourceFirst = 0, sourceSecond = 0] = packet.source;
  return first === 0xff || isFe80(first, second) || isFe80(sourceFirst, sourceSecond);
}

function isFe80(first: number, second: number): boolean {
  return first === 0xfe && (second & 0xc0) === 0x80;
}

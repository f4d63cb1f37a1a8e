import { decodePacket, type PacketIdentity } from '../emulator/packet.ts';

/** A packet as a capture saw it. */
export interface CapturedPacket {
  /** Kernel time, ns since the epoch. */
  readonly atNs: bigint;
  readonly identity: PacketIdentity;
  /** The IP packet, without a link header; of a long one the captured part. */
  readonly bytes: Buffer;
}

const NANOSECOND_MAGIC = 0xa1b23c4d;
const ETHERNET = 1;
const ETHERNET_HEADER_BYTES = 14;
const LINUX_COOKED_2 = 276;
const LINUX_COOKED_2_HEADER_BYTES = 20;

/** Reads a little-endian pcap file with nanosecond stamps. Skips what is not IP and a torn last packet. */
export function readPcap(file: Buffer): CapturedPacket[] {
  if (file.length < 24) return [];
  if (file.readUInt32LE(0) !== NANOSECOND_MAGIC)
    throw new Error('The capture is no little-endian pcap file with nanosecond stamps');
  const link = file.readUInt32LE(20);
  const skip = link === ETHERNET ? ETHERNET_HEADER_BYTES : link === LINUX_COOKED_2 ? LINUX_COOKED_2_HEADER_BYTES : 0;
  const packets: CapturedPacket[] = [];
  for (let at = 24; at + 16 <= file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const end = at + 16 + length;
    if (end > file.length) break;
    const atNs = BigInt(file.readUInt32LE(at)) * 1_000_000_000n + BigInt(file.readUInt32LE(at + 4));
    const bytes = file.subarray(at + 16 + skip, end);
    const identity = decodePacket(bytes);
    if (identity !== undefined) packets.push({ atNs, identity, bytes });
    at = end;
  }
  return packets;
}

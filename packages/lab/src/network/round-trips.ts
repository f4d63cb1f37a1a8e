import type { PacketIdentity } from '../emulator/packet.ts';
import type { CapturedPacket } from './pcap.ts';
import { addressText } from './truth-record.ts';

/** A request in a capture, and the times of its answers. Times are the kernel's, ns since the epoch. */
export interface RoundTrip {
  /** The destination address. */
  readonly target: string;
  readonly leftAtNs: bigint;
  /** Empty without an answer; more than one when answers were duplicated. */
  readonly backAtNs: readonly bigint[];
}

const UDP = 17;
/**
 * ICMP and ICMPv6 request types. Other types are not requests, such as a router solicitation that a device sends
 * unasked.
 */
const ECHO_TYPES = new Set([8, 0, 128, 129]);
const UDP_HEADER_BYTES = 8;
/** Type, code and checksum, which differ between an echo and its reply; identifier and sequence follow. */
const ICMP_DIFFERENT_BYTES = 4;
const IPV6_HEADER_BYTES = 40;

/**
 * Pairs requests with the answers that have the same content: ICMP echoes, and datagrams to an echo service. Requests
 * with the same content to one address count as one. Other packets are skipped, and IPv6 packets with extension
 * headers are not read.
 */
export function roundTripsOf(packets: readonly CapturedPacket[]): RoundTrip[] {
  const asked = new Map<string, { target: string; leftAtNs: bigint; backAtNs: bigint[] }>();
  for (const { atNs, identity, bytes } of packets) {
    if (identity.protocol !== UDP && !ECHO_TYPES.has(identity.icmpType)) continue;
    const said = saidBy(identity, bytes).toString('hex');
    const answered = asked.get(`${textOf(identity.source)} ${said}`);
    const target = textOf(identity.destination);
    if (answered !== undefined) answered.backAtNs.push(atNs);
    else if (!asked.has(`${target} ${said}`)) asked.set(`${target} ${said}`, { target, leftAtNs: atNs, backAtNs: [] });
  }
  return [...asked.values()];
}

const textOf = (address: Uint8Array): string => addressText(Buffer.from(address), 0, address.length === 4 ? 4 : 6);

function saidBy({ version, protocol }: PacketIdentity, bytes: Buffer): Buffer {
  const headerBytes = version === 4 ? ((bytes[0] ?? 0) & 0x0f) * 4 : IPV6_HEADER_BYTES;
  return bytes.subarray(headerBytes + (protocol === UDP ? UDP_HEADER_BYTES : ICMP_DIFFERENT_BYTES));
}

import type { StampedFrame } from './quiet-capture.ts';

/** ICMP numbers of one family, and where its ICMP message begins after the IP header (no options are sent). */
const FAMILIES = {
  4: { request: 8, reply: 0, protocolAt: 9, protocol: 1, icmpAt: 20 },
  6: { request: 128, reply: 129, protocolAt: 6, protocol: 58, icmpAt: 40 },
} as const;

/**
 * The RTT of each echo in the capture, ms, in sending order: from the request's stamp to its first answer's, matched
 * by id and sequence; NaN without an answer.
 * @param linkBytes length of the device's link header.
 */
export function wireRtts(frames: readonly StampedFrame[], family: 4 | 6, linkBytes: number): number[] {
  const { request, reply, protocolAt, protocol, icmpAt } = FAMILIES[family];
  const sent = new Map<number, number>();
  const rtts = new Map<number, number>();
  for (const { atNs, bytes } of frames) {
    const ip = bytes.subarray(linkBytes);
    if (ip.length < icmpAt + 8 || (ip[0] ?? 0) >> 4 !== family || ip[protocolAt] !== protocol) continue;
    const key = ip.readUInt32BE(icmpAt + 4);
    if (ip[icmpAt] === request && !sent.has(key)) sent.set(key, atNs);
    const sentAt = sent.get(key);
    if (ip[icmpAt] === reply && sentAt !== undefined && !rtts.has(key)) rtts.set(key, (atNs - sentAt) / 1e6);
  }
  return [...sent.keys()].map((key) => rtts.get(key) ?? Number.NaN);
}

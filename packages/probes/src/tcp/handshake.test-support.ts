import type { Capture, CapturedPacket, Lab } from '@netsonde/lab';
import { near, type Range } from '../presence/truth.test-support.ts';

/** Of an IPv4 packet without options. */
const FLAGS_AT = 20 + 13;
const [SYN, ACK] = [0x02, 0x10];
/** How far the kernel's own times may be from those at its device, ms. */
const APART_MS = 5;

/** Begins to see the handshakes that leave the measuring host. */
export const seeHandshakes = (lab: Lab): Promise<Capture> => lab.capture('tcp[tcpflags] & tcp-syn != 0');

/** How long the last handshake took at the measuring host's device, ms: its last SYN to the answer. IPv4 only. */
export async function lastHandshakeMs(seen: Capture): Promise<number> {
  const segments = await seen.stop();
  const last = (flags: number): bigint => {
    const found = segments.findLast((segment) => handshakeFlagsOf(segment) === flags);
    if (found === undefined) throw new Error(`the capture has no segment with the flags ${flags}`);
    return found.atNs;
  };
  return Number(last(SYN | ACK) - last(SYN)) / 1e6;
}

/** Without those of ECN, which a SYN carries too. */
const handshakeFlagsOf = ({ bytes }: CapturedPacket): number => (bytes[FLAGS_AT] ?? 0) & (SYN | ACK);

/** What the kernel makes of a handshake of this length: RFC 6298, section 2.2. */
export const kernelTimesOf = (handshakeMs: number): Readonly<Record<'srtt_ms' | 'rttvar_ms', Range>> => ({
  srtt_ms: near(handshakeMs, APART_MS),
  rttvar_ms: near(handshakeMs / 2, APART_MS / 2),
});

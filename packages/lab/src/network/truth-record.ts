import type { PacketIdentity } from '../emulator/packet.ts';

/** The direction of a packet: forward is from the measuring host to the services. */
export type TravelDirection = 'forward' | 'backward';

/**
 * The fate of a packet. `lost` and `burst_lost`: by the generator. `queue_full`: by the bottleneck. `too_big` and
 * `ttl_exceeded`: stopped by a router (whether it answered is `answered`). `fragmented`: continued as fragments, which
 * have their own records. `not_delivered`: the far device refused it.
 */
export type Fate =
  | 'forwarded'
  | 'lost'
  | 'burst_lost'
  | 'queue_full'
  | 'too_big'
  | 'ttl_exceeded'
  | 'fragmented'
  | 'not_delivered';

const FATES: readonly Fate[] = [
  'forwarded',
  'lost',
  'burst_lost',
  'queue_full',
  'too_big',
  'ttl_exceeded',
  'fragmented',
  'not_delivered',
];

/** One packet as the lab handled it, its identity as read from the sender. Times are nanoseconds since the epoch (the clock of kernel timestamps). */
export interface TruthRecord extends Omit<PacketIdentity, 'source' | 'destination' | 'dontFragment' | 'laterFragment'> {
  /** Numbers packets in the order they were read, from 0. A copy and a router's answer share the number of their cause. */
  readonly packet: number;
  readonly direction: TravelDirection;
  readonly fate: Fate;
  /** A `host` sent it, or an emulated `router` did as an answer. */
  readonly origin: 'host' | 'router';
  /** 0: the packet itself; 1: the duplicate that the lab made; for fragments their index. */
  readonly copy: number;
  /** Held back on purpose, so that later packets overtake it. */
  readonly heldBack: boolean;
  /** For `too_big` and `ttl_exceeded`: whether the router sent an ICMP answer. */
  readonly answered: boolean;
  /** The router that stopped or answered it, from 1 at the measuring host's side; 0 where none did. */
  readonly hop: number;
  readonly source: string;
  readonly destination: string;
  /** The TOS or traffic class byte as written to the receiver; equal to `tos`, which is as read, unless changed on the way. */
  readonly tosWritten: number;
  /** When the emulator read it from the sender's device (for answers: when it read the offending packet). */
  readonly readAtNs: bigint;
  /** When the emulator wrote it to the receiver's device; 0n where it never did. */
  readonly writtenAtNs: bigint;
  /** The delay that the generator asked for between the two, ns. */
  readonly requestedDelayNs: number;
}

/** What a record holds beside the packet's identity. */
export type RecordFacts = Pick<
  TruthRecord,
  | 'packet'
  | 'direction'
  | 'fate'
  | 'origin'
  | 'copy'
  | 'heldBack'
  | 'answered'
  | 'hop'
  | 'tosWritten'
  | 'readAtNs'
  | 'writtenAtNs'
  | 'requestedDelayNs'
>;

/** Size of a record in the log file, bytes. */
export const RECORD_BYTES = 96;

/** Writes one record at `at` in `into`. */
export function encodeRecord(into: Buffer, at: number, identity: PacketIdentity, facts: RecordFacts): void {
  into.fill(0, at, at + RECORD_BYTES);
  const flags =
    (facts.direction === 'backward' ? 1 : 0) |
    (facts.origin === 'router' ? 2 : 0) |
    (facts.heldBack ? 4 : 0) |
    (facts.answered ? 8 : 0);
  into[at] = flags;
  into[at + 1] = FATES.indexOf(facts.fate);
  into[at + 2] = facts.copy;
  into[at + 3] = facts.hop;
  into[at + 4] = identity.version;
  into[at + 5] = identity.protocol;
  into[at + 6] = identity.ttl;
  into[at + 7] = identity.tos;
  into[at + 8] = facts.tosWritten;
  into[at + 9] = identity.icmpType;
  into[at + 10] = identity.icmpCode;
  into.writeUInt16LE(identity.ipId, at + 12);
  into.writeUInt16LE(identity.lengthBytes, at + 14);
  into.writeUInt16LE(identity.sourceId, at + 16);
  into.writeUInt16LE(identity.destinationId, at + 18);
  into.writeUInt32LE(identity.tcpSequence, at + 20);
  into.writeDoubleLE(facts.packet, at + 24);
  into.writeDoubleLE(facts.requestedDelayNs, at + 32);
  into.writeBigInt64LE(facts.readAtNs, at + 40);
  into.writeBigInt64LE(facts.writtenAtNs, at + 48);
  into.set(identity.source, at + 56);
  into.set(identity.destination, at + 72);
}

/** Reads the record at `at`. */
export function decodeRecord(from: Buffer, at: number): TruthRecord {
  const flags = from.readUInt8(at);
  const version = from[at + 4] === 4 ? 4 : 6;
  return {
    packet: from.readDoubleLE(at + 24),
    direction: flags & 1 ? 'backward' : 'forward',
    fate: FATES[from.readUInt8(at + 1)] ?? 'not_delivered',
    origin: flags & 2 ? 'router' : 'host',
    copy: from.readUInt8(at + 2),
    heldBack: (flags & 4) !== 0,
    answered: (flags & 8) !== 0,
    hop: from.readUInt8(at + 3),
    version,
    protocol: from.readUInt8(at + 5),
    source: addressText(from, at + 56, version),
    destination: addressText(from, at + 72, version),
    ttl: from.readUInt8(at + 6),
    tos: from.readUInt8(at + 7),
    tosWritten: from.readUInt8(at + 8),
    ipId: from.readUInt16LE(at + 12),
    lengthBytes: from.readUInt16LE(at + 14),
    icmpType: from.readUInt8(at + 9),
    icmpCode: from.readUInt8(at + 10),
    sourceId: from.readUInt16LE(at + 16),
    destinationId: from.readUInt16LE(at + 18),
    tcpSequence: from.readUInt32LE(at + 20),
    readAtNs: from.readBigInt64LE(at + 40),
    writtenAtNs: from.readBigInt64LE(at + 48),
    requestedDelayNs: from.readDoubleLE(at + 32),
  };
}

/** The text of the network-order address at `at`; IPv6 in its canonical short form. */
export function addressText(from: Buffer, at: number, version: 4 | 6): string {
  if (version === 4) return from.subarray(at, at + 4).join('.');
  const words: string[] = [];
  for (let index = 0; index < 16; index += 2) words.push(from.readUInt16BE(at + index).toString(16));
  return new URL(`http://[${words.join(':')}]/`).hostname.slice(1, -1);
}

/** The network-order bytes of an address in text. */
export function addressBytes(text: string): Uint8Array {
  if (!text.includes(':')) return Uint8Array.from(text.split('.').map(Number));
  const [head = '', tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  const words = [...before, ...Array.from({ length: zeros }, () => '0'), ...after].map((word) =>
    Number.parseInt(word, 16),
  );
  return Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
}

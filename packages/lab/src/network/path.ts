/** What a path does to packets. All defaults leave packets unchanged. */

/**
 * Distribution of the random part of a delay: uniform within +-jitter, normal with that deviation, or exponential with
 * that mean (never earlier).
 */
export type JitterShape = 'uniform' | 'normal' | 'exponential';

/**
 * Burst loss as a Gilbert-Elliott chain: two states, each with its own loss, advanced once per packet of a
 * conversation.
 */
export interface BurstLoss {
  /** Chance per packet of going from the good into the bad state, 0 to 100. */
  readonly enterPct: number;
  /** Chance per packet of leaving the bad state, 0 to 100; the mean burst is 100/leavePct packets. */
  readonly leavePct: number;
  /** Loss within the bad state, 0 to 100; 100 when absent. */
  readonly lossInsidePct?: number;
  /** Loss within the good state, 0 to 100; 0 when absent. */
  readonly lossOutsidePct?: number;
}

/** A link that forwards no packet above a size. */
export interface MtuLimit {
  /** The largest IP packet that passes, header included; at least 68 (IPv4) or 1280 (IPv6) to make sense. */
  readonly bytes: number;
  /** The router whose outgoing link it is, counted from the sender of that direction, from 1; the last when absent. */
  readonly hop?: number;
  /** True: packets that are too large are dropped without an ICMP answer. */
  readonly blackHole?: boolean;
}

/** What a router rewrites in the TOS or traffic class byte of what it forwards. */
export interface TosRewrite {
  /** The router, counted from the sender, from 1; the first when absent. */
  readonly hop?: number;
  /** The DSCP that leaves, 0 to 63; unchanged when absent. */
  readonly dscp?: number;
  /** True: ECN bits leave as 0. */
  readonly bleachEcn?: boolean;
  /** Share of ECN-capable packets that leave marked CE, 0 to 100. */
  readonly cePct?: number;
}

/** The certain fate of one packet, whatever the generator decides. */
export interface ScriptedPacket {
  /** The conversations that it applies to; all when absent. `icmp` means both families. */
  readonly protocol?: 'icmp' | 'tcp' | 'udp';
  /** Its index in its conversation, from 0: the first SYN or request is 0. */
  readonly packet: number;
  readonly fate: 'lose' | 'duplicate' | { readonly holdMs: number } | PayloadChange;
}

/** Change of the payload of an ICMP echo or a UDP datagram, as by a far host that answers wrongly. */
export type PayloadChange =
  /** Keeps only its first bytes, and corrects lengths and checksums. */
  | { readonly keepBytes: number }
  /** Flips one bit of the byte at this index, from 0. Corrects the checksum unless `unsealed`. */
  | { readonly flipByte: number; readonly unsealed?: boolean };

/** One direction of a path. */
export interface Direction {
  /** One-way delay, ms. */
  readonly delayMs?: number;
  /** Size of the random part of the delay, ms; see `jitterShape`. A jittered packet never overtakes another. */
  readonly jitterMs?: number;
  readonly jitterShape?: JitterShape;
  /** Independent loss, 0 to 100. */
  readonly lossPct?: number;
  readonly burst?: BurstLoss;
  /** Share of packets delivered twice, 0 to 100. Packets that a router fragments are not duplicated. */
  readonly duplicatePct?: number;
  /** How long after the first the second copy leaves, ms; 0.1 when absent. */
  readonly duplicateGapMs?: number;
  /** Share of packets held back by `reorderByMs`, so that packets sent within that time overtake them, 0 to 100. */
  readonly reorderPct?: number;
  /** ms; 10 when absent. */
  readonly reorderByMs?: number;
  /** A limit at the last router, or one described in full; none when absent. */
  readonly mtu?: number | MtuLimit;
  /** The bottleneck's rate, bit/s of IP packets; unlimited when absent. */
  readonly rateBps?: number;
  /** Longest queue of the bottleneck before it drops new packets, ms; 100 when absent. */
  readonly queueMs?: number;
  readonly rewrite?: TosRewrite;
  /** Exact fates of single packets, for tests that need one known loss, copy or late packet. */
  readonly script?: readonly ScriptedPacket[];
}

/** One emulated router. */
export interface Hop {
  /** Never answers; still decrements the TTL. */
  readonly silent?: boolean;
  /** Maximum number of ICMP errors per second; unlimited when absent. */
  readonly answersPerSecond?: number;
  /** Share of its ICMP errors that are lost, 0 to 100. */
  readonly answerLossPct?: number;
  /** Time to make an ICMP error, ms. */
  readonly answerDelayMs?: number;
  /** Its address; 10.203.<number>.1 and fd00:203:<number>::1 when absent. */
  readonly address4?: string;
  readonly address6?: string;
}

/** A whole path: both directions, and the routers from the measuring host to the services. One router when `hops` is absent. */
export interface Path {
  readonly forward?: Direction;
  readonly backward?: Direction;
  readonly hops?: number | readonly Hop[];
}

/** The routers of a path in full. */
export function hopsOf(path: Path): readonly Hop[] {
  const hops = path.hops ?? 1;
  return typeof hops === 'number' ? Array.from({ length: hops }, () => ({})) : hops;
}

const PERCENTAGES = ['lossPct', 'duplicatePct', 'reorderPct'] as const;
const AMOUNTS = ['delayMs', 'jitterMs', 'duplicateGapMs', 'reorderByMs', 'queueMs'] as const;

/** @throws RangeError that names the field when a path cannot be emulated. */
export function checkPath(path: Path): void {
  const count = hopsOf(path).length;
  if (!Number.isInteger(count) || count > 64) throw new RangeError(`path.hops: ${count} routers; give 0 to 64`);
  for (const side of ['forward', 'backward'] as const) {
    const direction = path[side] ?? {};
    for (const name of PERCENTAGES) checkRange(`path.${side}.${name}`, direction[name], 100);
    for (const name of AMOUNTS) checkRange(`path.${side}.${name}`, direction[name], 60_000);
    for (const [name, value] of Object.entries(direction.burst ?? {}))
      checkRange(`path.${side}.burst.${name}`, value, 100);
    checkRange(`path.${side}.rewrite.dscp`, direction.rewrite?.dscp, 63);
    if (direction.rateBps !== undefined && !(direction.rateBps >= 1000)) {
      throw new RangeError(`path.${side}.rateBps: ${direction.rateBps}; give at least 1000 bit/s`);
    }
  }
}

function checkRange(field: string, value: number | undefined, most: number): void {
  if (value === undefined || (value >= 0 && value <= most)) return;
  throw new RangeError(`${field}: ${value}; give a number from 0 to ${most}`);
}

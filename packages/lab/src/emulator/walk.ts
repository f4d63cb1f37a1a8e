import type { Direction, MtuLimit } from '../network/path.ts';
import { fragmentIpv4, setTos, setTtl, tosOf } from './edits.ts';
import type { PacketIdentity } from './packet.ts';
import type { AnswerReason } from './router-answers.ts';

/** Where and why a packet was stopped. */
export interface Stop {
  readonly fate: 'ttl_exceeded' | 'too_big';
  readonly reason: AnswerReason;
  /** The router, counted from the sender from 1; 0 for a limit on a path without routers. */
  readonly travelHop: number;
  /** A black hole: no router answers. */
  readonly silent: boolean;
}

/** A packet that passes the routers of one direction, and what they change. */
export interface Passage {
  /** The packet; several pieces once a router has fragmented it. Edited in place. */
  readonly pieces: Buffer[];
  readonly identity: PacketIdentity;
  readonly side: Direction;
  readonly hops: number;
  readonly congestionMark: boolean;
}

/** Passes a packet through the routers in order: TTL first, then rewriting, then the size limit of the outgoing link. */
export function walkRouters(passage: Passage): Stop | undefined {
  const { pieces, identity, side, hops } = passage;
  const limit = mtuOf(side, hops);
  const [bytes] = pieces;
  if (bytes === undefined) return undefined;
  let ttl = identity.ttl;
  for (let hop = 1; hop <= hops; hop++) {
    if (ttl <= 1) return { fate: 'ttl_exceeded', reason: { kind: 'ttl_exceeded' }, travelHop: hop, silent: false };
    setTtl(bytes, --ttl);
    if ((side.rewrite?.hop ?? 1) === hop) rewriteTos(bytes, side, passage.congestionMark);
    const stop = limit?.hop === hop ? squeeze(pieces, limit, identity) : undefined;
    if (stop !== undefined) return stop;
  }
  return limit?.hop === 0 ? squeeze(pieces, limit, identity) : undefined;
}

function mtuOf(side: Direction, hops: number): (MtuLimit & { hop: number }) | undefined {
  if (side.mtu === undefined) return undefined;
  const limit = typeof side.mtu === 'number' ? { bytes: side.mtu } : side.mtu;
  return { ...limit, hop: Math.min(limit.hop ?? hops, hops) };
}

function squeeze(pieces: Buffer[], limit: MtuLimit & { hop: number }, identity: PacketIdentity): Stop | undefined {
  const [bytes] = pieces;
  if (bytes === undefined || bytes.length <= limit.bytes) return undefined;
  if (identity.version === 4 && !identity.dontFragment) {
    pieces.splice(0, pieces.length, ...fragmentIpv4(bytes, limit.bytes));
    return undefined;
  }
  const reason: AnswerReason = { kind: 'too_big', mtuBytes: limit.bytes };
  return { fate: 'too_big', reason, travelHop: limit.hop, silent: limit.blackHole ?? false };
}

function rewriteTos(bytes: Buffer, { rewrite }: Direction, congestionMark: boolean): void {
  if (rewrite === undefined) return;
  const before = tosOf(bytes);
  const dscp = rewrite.dscp ?? before >> 2;
  let ecn = before & 3;
  if (rewrite.bleachEcn) ecn = 0;
  else if (congestionMark && ecn !== 0) ecn = 3;
  const after = (dscp << 2) | ecn;
  if (after !== before) setTos(bytes, after);
}

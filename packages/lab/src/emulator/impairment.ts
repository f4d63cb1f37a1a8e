import type { Direction, JitterShape, PayloadChange, ScriptedPacket } from '../network/path.ts';
import type { Conversation } from './conversations.ts';
import { PURPOSE, uniform } from './random.ts';

/** The generator's decision for one packet, before routers handle it. */
export interface Draw {
  readonly lost: 'lost' | 'burst_lost' | undefined;
  /** Delay with its random part, ns, never below 0. */
  readonly delayNs: number;
  /** Extra delay of a packet that is held back, ns; 0 for most. */
  readonly heldBackNs: number;
  /** Delay of a copy after it, ns; undefined: no copy. */
  readonly copyAfterNs: number | undefined;
  readonly congestionMark: boolean;
  /** The change to its payload; undefined: none. */
  readonly payloadChange: PayloadChange | undefined;
}

/** Draws the fate of the conversation's next packet and advances its burst chain. */
export function drawFate(seed: number, direction: Direction, conversation: Conversation): Draw {
  const packet = conversation.packets++;
  const scripted = scriptedFate(direction, conversation.protocol, packet);
  const draw = (purpose: number): number => uniform(seed, conversation.hash, packet, purpose);
  const chance = (pct: number | undefined, purpose: number): boolean => draw(purpose) * 100 < (pct ?? 0);
  const burst = stepBurst(direction, conversation, draw);
  const independent = chance(direction.lossPct, PURPOSE.loss);
  const reordered = chance(direction.reorderPct, PURPOSE.reorder) ? (direction.reorderByMs ?? 10) : 0;
  const exact = typeof scripted === 'object' ? scripted : undefined;
  const holdMs = exact !== undefined && 'holdMs' in exact ? exact.holdMs : reordered;
  const doubled = scripted === 'duplicate' || chance(direction.duplicatePct, PURPOSE.duplicate);
  return {
    lost: independent || scripted === 'lose' ? 'lost' : burst ? 'burst_lost' : undefined,
    delayNs: delayNs(direction, draw(PURPOSE.jitter), draw(PURPOSE.jitterSecond)),
    heldBackNs: holdMs * 1e6,
    copyAfterNs: doubled ? (direction.duplicateGapMs ?? 0.1) * 1e6 : undefined,
    congestionMark: chance(direction.rewrite?.cePct, PURPOSE.congestionMark),
    payloadChange: exact === undefined || 'holdMs' in exact ? undefined : exact,
  };
}

const PROTOCOLS = { icmp: [1, 58], tcp: [6], udp: [17] } as const;

function scriptedFate(direction: Direction, protocol: number, packet: number): ScriptedPacket['fate'] | undefined {
  const line = direction.script?.find((candidate) => {
    const numbers: readonly number[] | undefined = candidate.protocol && PROTOCOLS[candidate.protocol];
    return candidate.packet === packet && (numbers === undefined || numbers.includes(protocol));
  });
  return line?.fate;
}

/** A delay of the direction, ns, from two uniform random numbers. */
export function delayNs(direction: Direction, first: number, second: number): number {
  const jitterMs = direction.jitterMs ?? 0;
  const random = jitterMs === 0 ? 0 : jitterMs * jitterFactor(direction.jitterShape ?? 'uniform', first, second);
  return Math.max(0, ((direction.delayMs ?? 0) + random) * 1e6);
}

function jitterFactor(shape: JitterShape, first: number, second: number): number {
  switch (shape) {
    case 'uniform':
      return 2 * first - 1;
    case 'normal':
      return Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
    case 'exponential':
      return -Math.log(1 - first);
  }
}

function stepBurst(direction: Direction, conversation: Conversation, draw: (purpose: number) => number): boolean {
  const burst = direction.burst;
  if (burst === undefined) return false;
  const step = draw(PURPOSE.burstState) * 100;
  conversation.inBurst = conversation.inBurst ? step >= burst.leavePct : step < burst.enterPct;
  const lossPct = conversation.inBurst ? (burst.lossInsidePct ?? 100) : (burst.lossOutsidePct ?? 0);
  return draw(PURPOSE.burstLoss) * 100 < lossPct;
}

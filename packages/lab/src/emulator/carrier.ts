import { routerAddress } from '../network/addresses.ts';
import { type Direction, type Hop, hopsOf, type Path } from '../network/path.ts';
import { addressBytes, type Fate, type RecordFacts, type TravelDirection } from '../network/truth-record.ts';
import { AnswerBudget } from './answer-budget.ts';
import { changePayload } from './change-payload.ts';
import { type Conversation, Conversations } from './conversations.ts';
import { setTtl, tosOf } from './edits.ts';
import { type Draw, delayNs, drawFate } from './impairment.ts';
import { decodePacket, deservesNoAnswer, isLinkScoped, type PacketIdentity } from './packet.ts';
import { ParcelQueue } from './parcel-queue.ts';
import { PURPOSE, uniform } from './random.ts';
import { ROUTER_TTL, routerAnswer } from './router-answers.ts';
import { type Stop, walkRouters } from './walk.ts';

/** A packet on its way to a device. */
export interface Parcel {
  readonly direction: TravelDirection;
  readonly bytes: Buffer;
  readonly identity: PacketIdentity;
  readonly facts: Omit<RecordFacts, 'writtenAtNs'>;
}

/** Receives the record of a packet whose fate is decided. */
export type Recorder = (identity: PacketIdentity, facts: RecordFacts) => void;

interface Arrival {
  readonly packet: number;
  readonly direction: TravelDirection;
  readonly identity: PacketIdentity;
  readonly conversation: Conversation;
  /** Its index in the conversation, from 0. */
  readonly order: number;
  /** On the monotonic clock, ns. */
  readonly atNs: number;
  /** On the epoch clock, ns. */
  readonly readAtNs: bigint;
  readonly draw: Draw;
}

/** Decides what happens to each packet and when. It does not read or write devices. */
export class Carrier {
  readonly #seed: number;
  readonly #record: Recorder;
  readonly #conversations = new Conversations();
  readonly #waiting = new ParcelQueue<Parcel>();
  readonly #answerBudget = new AnswerBudget();
  readonly #queueFreeAtNs = { forward: 0, backward: 0 };
  #path: Path;
  #hops: readonly Hop[];
  #packets = 0;
  #answerIpId = 0;

  constructor(seed: number, path: Path, record: Recorder) {
    this.#seed = seed;
    this.#path = path;
    this.#hops = hopsOf(path);
    this.#record = record;
  }

  /** Changes the path for packets that arrive from now on. */
  setPath(path: Path): void {
    this.#path = path;
    this.#hops = hopsOf(path);
  }

  /** When the next parcel is due on the monotonic clock, ns; undefined when none waits. */
  get nextDueNs(): number | undefined {
    return this.#waiting.nextDueNs;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** The next parcel that is due at `nowNs`. */
  nextDue(nowNs: number): Parcel | undefined {
    return this.#waiting.popDue(nowNs);
  }

  /** Accepts a packet from a device. The carrier owns `bytes` from here on. */
  take(direction: TravelDirection, bytes: Buffer, atNs: number, readAtNs: bigint): void {
    const identity = decodePacket(bytes);
    if (identity === undefined || isLinkScoped(identity)) return;
    const conversation = this.#conversations.of(identity);
    const side = this.#path[direction] ?? {};
    const order = conversation.packets;
    const draw = drawFate(this.#seed, side, conversation);
    const arrival = { packet: this.#packets++, direction, identity, conversation, order, atNs, readAtNs, draw };
    const { congestionMark, payloadChange } = draw;
    const pieces = [payloadChange === undefined ? bytes : changePayload(bytes, payloadChange)];
    const stop = walkRouters({ pieces, identity, side, hops: this.#hops.length, congestionMark });
    if (stop === undefined) this.#lastLink(pieces, arrival, side);
    else this.#stopped(bytes, arrival, stop);
  }

  /** The link after the last router, where packets are lost, queued, duplicated and reordered. */
  #lastLink(pieces: readonly Buffer[], arrival: Arrival, side: Direction): void {
    const { draw, conversation } = arrival;
    const tosWritten = tosOf(pieces[0] ?? Buffer.alloc(20));
    const queueNs = draw.lost === undefined ? this.#queue(arrival, side) : 0;
    if (draw.lost !== undefined || queueNs === undefined) {
      this.#end(arrival, draw.lost ?? 'queue_full', tosWritten);
      return;
    }
    const inOrderNs = Math.max(arrival.atNs + draw.delayNs + queueNs, conversation.lastDueNs);
    if (draw.heldBackNs === 0) conversation.lastDueNs = inOrderNs;
    const dueNs = inOrderNs + draw.heldBackNs;
    if (pieces.length > 1) this.#end(arrival, 'fragmented', tosWritten);
    for (const [index, piece] of pieces.entries()) this.#send(piece, arrival, dueNs, index);
    const [whole] = pieces;
    if (draw.copyAfterNs !== undefined && pieces.length === 1 && whole !== undefined) {
      this.#send(whole, arrival, dueNs + draw.copyAfterNs, 1);
    }
  }

  /** The wait in the bottleneck's queue and on its line, ns; undefined where the queue dropped the packet. */
  #queue(arrival: Arrival, side: Direction): number | undefined {
    if (side.rateBps === undefined) return 0;
    const freeAtNs = Math.max(this.#queueFreeAtNs[arrival.direction], arrival.atNs);
    if (freeAtNs - arrival.atNs > (side.queueMs ?? 100) * 1e6) return undefined;
    const doneNs = freeAtNs + (arrival.identity.lengthBytes * 8e9) / side.rateBps;
    this.#queueFreeAtNs[arrival.direction] = doneNs;
    return doneNs - arrival.atNs;
  }

  #send(bytes: Buffer, arrival: Arrival, dueNs: number, copy: number): void {
    const identity = { ...arrival.identity, lengthBytes: bytes.length };
    const requestedDelayNs = dueNs - arrival.atNs;
    const facts = { ...factsOf(arrival, 'forwarded', tosOf(bytes)), copy, requestedDelayNs };
    this.#waiting.push(dueNs, { direction: arrival.direction, bytes, identity, facts });
  }

  #end(arrival: Arrival, fate: Fate, tosWritten: number): void {
    this.#record(arrival.identity, { ...factsOf(arrival, fate, tosWritten), writtenAtNs: 0n });
  }

  #stopped(bytes: Buffer, arrival: Arrival, stop: Stop): void {
    const fromSender = stop.travelHop;
    const hop = arrival.direction === 'forward' ? fromSender : this.#hops.length + 1 - fromSender;
    const answered = !stop.silent && !deservesNoAnswer(arrival.identity) && this.#willAnswer(hop, arrival);
    const facts = { ...factsOf(arrival, stop.fate, tosOf(bytes)), hop, answered };
    this.#record(arrival.identity, { ...facts, writtenAtNs: 0n });
    if (answered) this.#answer(bytes, arrival, stop, hop);
  }

  #willAnswer(hop: number, arrival: Arrival): boolean {
    const router = this.#hops[hop - 1] ?? {};
    if (router.silent || !this.#answerBudget.take(hop, router.answersPerSecond, arrival.atNs)) return false;
    return this.#draw(arrival, PURPOSE.answerLoss) * 100 >= (router.answerLossPct ?? 0);
  }

  #answer(bytes: Buffer, arrival: Arrival, stop: Stop, hop: number): void {
    const router = this.#hops[hop - 1] ?? {};
    const { version } = arrival.identity;
    const address = (version === 4 ? router.address4 : router.address6) ?? routerAddress(Math.max(1, hop), version);
    const answer = routerAnswer(bytes, stop.reason, addressBytes(address), ++this.#answerIpId);
    setTtl(answer, ROUTER_TTL - Math.max(0, stop.travelHop - 1));
    const identity = decodePacket(answer);
    if (identity === undefined) return;
    const direction = arrival.direction === 'forward' ? 'backward' : 'forward';
    const requestedDelayNs = this.#answerDelayNs(arrival, stop, this.#path[direction] ?? {}, router);
    const facts = {
      ...factsOf(arrival, 'forwarded', identity.tos),
      direction,
      origin: 'router',
      heldBack: false,
      answered: true,
      hop,
      requestedDelayNs,
    } as const;
    this.#waiting.push(arrival.atNs + requestedDelayNs, { direction, bytes: answer, identity, facts });
  }

  /** To the router and back: its share of both directions' delays, and its own time. */
  #answerDelayNs(arrival: Arrival, stop: Stop, back: Direction, router: Hop): number {
    const share = stop.travelHop === 0 ? 0.5 : stop.travelHop / (this.#hops.length + 1);
    const first = this.#draw(arrival, PURPOSE.answerJitter);
    const second = this.#draw(arrival, PURPOSE.answerJitterSecond);
    return share * (arrival.draw.delayNs + delayNs(back, first, second)) + (router.answerDelayMs ?? 0) * 1e6;
  }

  #draw(arrival: Arrival, purpose: number): number {
    return uniform(this.#seed, arrival.conversation.hash, arrival.order, purpose);
  }
}

function factsOf(arrival: Arrival, fate: Fate, tosWritten: number): Omit<RecordFacts, 'writtenAtNs'> {
  return {
    packet: arrival.packet,
    direction: arrival.direction,
    fate,
    origin: 'host',
    copy: 0,
    heldBack: arrival.draw.heldBackNs > 0,
    answered: false,
    hop: 0,
    tosWritten,
    readAtNs: arrival.readAtNs,
    requestedDelayNs: arrival.draw.delayNs,
  };
}

import { MSG_TRUNC } from '../kernel/constants.ts';
import type { MessageBatch } from '../kernel/message-batch.ts';
import { ICMP_HEADER, type RequestWriter, TOKEN_BYTES } from './request-packet.ts';
import type { RunningTrain } from './running-train.ts';

/** Bits of what is wrong with a reply. A reply without any of them equals what was sent, byte by byte. */
export const FLAW = Object.freeze({ none: 0, truncated: 1, corrupted: 2 });

/** The reply belongs to no echo of ours, or its checksum is wrong: it counts as not received. */
export const NOT_OURS = -1;

/** Where one received ICMP message lies in the batch. */
export interface ReplyPlace {
  readonly index: number;
  /** Offset of its ICMP header, a multiple of 4. */
  readonly at: number;
  /** Bytes of the ICMP message as far as they were read. */
  readonly length: number;
}

const TOKEN_WORDS = TOKEN_BYTES / 4;

/**
 * Compares replies with what was sent. It allocates nothing and reads 32-bit words: for the default of 56 bytes it costs
 * about 15 ns a reply (`npm run bench -- icmp`).
 */
export class ReplyCheck {
  private readonly batch: MessageBatch;
  private readonly cookie: Uint32Array;
  private readonly filler: Uint8Array;
  private readonly fillerWords: Uint32Array;
  private readonly token = new Uint32Array(TOKEN_WORDS);
  private readonly tokenBytes = new Uint8Array(this.token.buffer);

  constructor(batch: MessageBatch, { cookie, filler }: Pick<RequestWriter, 'cookie' | 'filler'>) {
    this.batch = batch;
    this.cookie = cookie;
    this.filler = filler;
    this.fillerWords = new Uint32Array(filler.buffer);
  }

  /** Makes room for the replies to echoes of this size. */
  makeRoom(messageBytes: number): void {
    const { shape, tailBytes } = this.batch;
    const missing = messageBytes - shape.payloadBytes;
    if (missing > tailBytes) this.batch.giveTails(missing);
  }

  /** What is wrong with the reply to the echo `serial` of `train`: bits of `FLAW`, or `NOT_OURS`. */
  flawsOf(place: ReplyPlace, train: RunningTrain, serial: number): number {
    const sent = train.sizeBytes;
    const longer = (this.batch.flagsOf(place.index) & MSG_TRUNC) !== 0 || place.length - ICMP_HEADER > sent;
    const present = Math.min(place.length - ICMP_HEADER, sent);
    const flaws = (present < sent ? FLAW.truncated : 0) | (longer ? FLAW.corrupted : 0);
    this.token[0] = this.cookie[0] ?? 0;
    this.token[1] = this.cookie[1] ?? 0;
    this.token[2] = serial;
    if (present < TOKEN_BYTES) return this.beginsWithToken(place, present) ? flaws : flaws | FLAW.corrupted;
    const first = (place.at + ICMP_HEADER) >> 2;
    const { words } = this.batch;
    const cookieWrong = Number(words[first] !== this.token[0]) + Number(words[first + 1] !== this.token[1]);
    if (cookieWrong === 2 || words[first + 2] !== serial) return NOT_OURS;
    return cookieWrong === 0 && this.isFilled(place, present) ? flaws : flaws | FLAW.corrupted;
  }

  private beginsWithToken({ at }: ReplyPlace, present: number): boolean {
    const { bytes } = this.batch;
    for (let byte = 0; byte < present; byte += 1)
      if (bytes[at + ICMP_HEADER + byte] !== this.tokenBytes[byte]) return false;
    return true;
  }

  /** Whether the first `present` bytes of the payload are as sent behind the token. */
  private isFilled(place: ReplyPlace, present: number): boolean {
    const { words, bytes } = this.batch;
    const payload = place.at + ICMP_HEADER;
    const inline = Math.min(present, this.inlineBytes(place) - ICMP_HEADER);
    const whole = inline >> 2;
    for (let word = TOKEN_WORDS; word < whole; word += 1)
      if (words[(payload >> 2) + word] !== this.fillerWords[word - TOKEN_WORDS]) return false;
    for (let byte = whole << 2; byte < inline; byte += 1)
      if (bytes[payload + byte] !== this.filler[byte - TOKEN_BYTES]) return false;
    return present === inline || this.isTailFilled(place.index, inline - TOKEN_BYTES, present - inline);
  }

  private isTailFilled(index: number, from: number, length: number): boolean {
    const { batch, filler } = this;
    const at = batch.tailAt(index);
    for (let byte = 0; byte < length; byte += 1) if (batch.tails[at + byte] !== filler[from + byte]) return false;
    return true;
  }

  /**
   * Whether the checksum of an ICMPv4 message is right, for raw sockets, which get messages before the kernel checks them
   * (RFC 792: the one's complement sum of the whole message). False for a message too long to be read whole.
   */
  hasRightChecksum(place: ReplyPlace): boolean {
    const { batch } = this;
    if ((batch.flagsOf(place.index) & MSG_TRUNC) !== 0) return false;
    const inline = Math.min(place.length, this.inlineBytes(place));
    let sum = sumOf(batch.bytes, batch.halves, place.at, inline);
    const rest = place.length - inline;
    if (rest > 0) sum += sumOf(batch.tails, batch.tailHalves, batch.tailAt(place.index), rest);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    return sum === 0xffff;
  }

  /** Bytes of the message that fit into the batch's own memory, a multiple of 4. */
  private inlineBytes({ index, at }: ReplyPlace): number {
    return this.batch.shape.payloadBytes - (at - this.batch.payloadAt(index));
  }
}

/** Sums native 16-bit halves, right in either byte order (RFC 1071), below 2^31 for any IP packet. */
function sumOf(bytes: Uint8Array, halves: Uint16Array, at: number, length: number): number {
  let sum = 0;
  const whole = length >> 1;
  for (let half = 0; half < whole; half += 1) sum += halves[(at >> 1) + half] ?? 0;
  return (length & 1) === 0 ? sum : sum + (bytes[at + length - 1] ?? 0);
}

import { randomFillSync } from 'node:crypto';
import {
  AF_INET,
  AF_INET6,
  IP_TOS,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_TCLASS,
} from '../kernel/constants.ts';
import { libc } from '../kernel/libc.ts';
import type { MessageBatch } from '../kernel/message-batch.ts';
import type { EchoSocket, RunningTrain } from './running-train.ts';

/** Bytes of the ICMP echo header. */
export const ICMP_HEADER = 8;
/** Bytes of payload that identify the echo: a random cookie of this engine and the echo's serial number. */
export const TOKEN_BYTES = 12;
/** Largest payload. */
export const MAX_SIZE_BYTES = 65_000;

/** Payload that lies within the batch's own memory; the rest comes from memory that all echoes share. */
const INLINE_BYTES = 120;
/** Bytes that a batch needs for each request. */
export const REQUEST_BYTES: number = ICMP_HEADER + INLINE_BYTES;

const ECHO_REQUEST = 8;
const ECHO_REQUEST_V6 = 128;
const CONTROL_ENTRY = 24;
/** Where the shared filler continues the inline payload. */
const TAIL_OFFSET = BigInt(INLINE_BYTES - TOKEN_BYTES);

/**
 * Writes echo requests into a batch. Its cookie is random, so that answers to other programs' echoes never count as
 * ours.
 */
export class RequestWriter {
  /** The cookie as two native words. */
  readonly cookie: Uint32Array = randomFillSync(new Uint32Array(2));
  /** What follows the token in each payload. */
  readonly filler: Uint8Array;
  private readonly fillerAddress: bigint;
  private readonly fillerSums = new Map<number, number>();

  constructor() {
    this.filler = Uint8Array.from({ length: MAX_SIZE_BYTES }, (_, index) => index & 0xff);
    this.fillerAddress = libc().address(this.filler);
  }

  /** Writes the parts that all echoes share, once for each batch. */
  prepare(batch: MessageBatch): void {
    const filler = this.filler.subarray(0, INLINE_BYTES - TOKEN_BYTES);
    for (let index = 0; index < batch.shape.capacity; index += 1) {
      batch.bytes.set(filler, batch.payloadAt(index) + ICMP_HEADER + TOKEN_BYTES);
    }
  }

  /** Makes message `index` the echo `sequence` of `train`. */
  write(batch: MessageBatch, index: number, socket: EchoSocket, train: RunningTrain, sequence: number, serial: number) {
    const at = batch.payloadAt(index);
    const { words, halves } = batch;
    words[at >> 2] = socket.family === 4 ? ECHO_REQUEST : ECHO_REQUEST_V6;
    halves[(at + 4) >> 1] = swap(socket.id);
    halves[(at + 6) >> 1] = swap(sequence);
    words[(at + 8) >> 2] = this.cookie[0] ?? 0;
    words[(at + 12) >> 2] = this.cookie[1] ?? 0;
    words[(at + 16) >> 2] = serial;
    if (socket.via === 'raw' && socket.family === 4) halves[(at + 2) >> 1] = this.checksum(batch, at, train.sizeBytes);
    const control = train.dscp < 0 && train.ttl < 0 ? 0 : writeControl(batch, index, train);
    const inline = Math.min(train.sizeBytes, INLINE_BYTES);
    const tail = this.fillerAddress + TAIL_OFFSET;
    batch.prepareSend(
      index,
      writeName(batch, index, train),
      control,
      ICMP_HEADER + inline,
      tail,
      train.sizeBytes - inline,
    );
  }

  /**
   * Only raw IPv4 sockets leave the checksum to us. Sums of native halves are right in either byte order (RFC 1071).
   */
  private checksum(batch: MessageBatch, at: number, sizeBytes: number): number {
    const token = Math.min(sizeBytes, TOKEN_BYTES);
    let sum = this.fillerSum(sizeBytes - token);
    const whole = token & ~1;
    for (let offset = 0; offset < ICMP_HEADER + whole; offset += 2) sum += batch.halves[(at + offset) >> 1] ?? 0;
    if (token !== whole) sum += batch.bytes[at + ICMP_HEADER + whole] ?? 0;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    return ~sum & 0xffff;
  }

  private fillerSum(length: number): number {
    let sum = this.fillerSums.get(length);
    if (sum !== undefined) return sum;
    sum = 0;
    for (let index = 0; index < length; index += 1) sum += (this.filler[index] ?? 0) << (index & 1 ? 8 : 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    this.fillerSums.set(length, sum);
    return sum;
  }
}

function swap(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}

function writeName(batch: MessageBatch, index: number, train: RunningTrain): number {
  const at = batch.nameAt(index) >> 2;
  const { words } = batch;
  const { addressWords } = train;
  if (train.family === 4) {
    words[at] = AF_INET;
    words[at + 1] = addressWords[0] ?? 0;
    return 16;
  }
  words[at] = AF_INET6;
  words[at + 1] = 0;
  for (let word = 0; word < 4; word += 1) words[at + 2 + word] = addressWords[word] ?? 0;
  words[at + 6] = train.scope;
  return 28;
}

function writeControl(batch: MessageBatch, index: number, train: RunningTrain): number {
  const start = batch.controlAt(index);
  let at = start;
  const six = train.family === 6;
  const level = six ? IPPROTO_IPV6 : IPPROTO_IP;
  if (train.dscp >= 0) at = writeIntControl(batch, at, level, six ? IPV6_TCLASS : IP_TOS, train.dscp << 2);
  if (train.ttl >= 0) at = writeIntControl(batch, at, level, six ? IPV6_HOPLIMIT : IP_TTL, train.ttl);
  return at - start;
}

function writeIntControl(batch: MessageBatch, at: number, level: number, type: number, value: number): number {
  const { words } = batch;
  words[at >> 2] = 20;
  words[(at + 4) >> 2] = 0;
  words[(at + 8) >> 2] = level;
  words[(at + 12) >> 2] = type;
  words[(at + 16) >> 2] = value;
  return at + CONTROL_ENTRY;
}

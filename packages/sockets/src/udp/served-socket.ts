import { createAncillary, decodeAncillary } from '../kernel/ancillary.ts';
import type { ClockGuard } from '../kernel/clock-guard.ts';
import { MSG_DONTWAIT, MSG_ERRQUEUE, SO_EE_ORIGIN_TIMESTAMPING } from '../kernel/constants.ts';
import { errnoName } from '../kernel/errors.ts';
import { readSocketAddress } from '../kernel/ip-address.ts';
import { libc } from '../kernel/libc.ts';
import type { MessageBatch } from '../kernel/message-batch.ts';
import { startStamping } from '../kernel/stamping.ts';
import type { AdoptMessage, SendMessage } from './boundary.ts';
import { errorEvent, type Sent } from './error-event.ts';
import type { UdpEvent, UdpReceived } from './types.ts';

/** Batches shared by all sockets of the thread. */
export interface Batches {
  readonly out: MessageBatch;
  readonly in: MessageBatch;
  readonly errors: MessageBatch;
}

const REFUSALS = 3;
const ROUNDS = 16;
/** Without a stamp from the kernel within this time, the process's clock is used. */
const STAMP_PATIENCE_NS = 20e6;

/** A datagram socket as its thread serves it. */
export class ServedSocket {
  readonly number: number;
  readonly fd: number;
  private readonly clock: ClockGuard;
  private readonly batches: Batches;
  private readonly ancillary = createAncillary();
  /** Sent datagrams whose stamp is awaited, by stamp number. */
  private unstamped = new Map<number, Sent>();
  private nextKey = 0;
  private toConnect: boolean;
  private happened: UdpEvent[] = [];

  constructor({ socket, fd, onePeer }: AdoptMessage, clock: ClockGuard, batches: Batches) {
    this.number = socket;
    this.fd = fd;
    this.toConnect = onePeer;
    this.clock = clock;
    this.batches = batches;
  }

  /** True while a send stamp is awaited. */
  get awaitsStamps(): boolean {
    return this.unstamped.size > 0;
  }

  /** All events since the last call. */
  takeEvents(): UdpEvent[] {
    const events = this.happened;
    this.happened = [];
    return events;
  }

  send({ id, payload, name }: SendMessage): void {
    const { out } = this.batches;
    if (this.toConnect) this.connect(name);
    out.bytes.set(name, out.nameAt(0));
    out.bytes.set(payload, out.payloadAt(0));
    out.prepareSend(0, name.length, 0, payload.length, 0n, 0);
    const sent: Sent = { id, monoNs: this.clock.monoNs, wallNs: this.clock.wallNs, epoch: this.clock.epoch };
    let errno = 0;
    for (let refusals = 0; refusals < REFUSALS; refusals += 1) {
      if (libc().sendmmsg(this.fd, out.address, 1, MSG_DONTWAIT) === 1) {
        this.unstamped.set(this.nextKey, sent);
        this.nextKey = (this.nextKey + 1) >>> 0;
        return;
      }
      errno = libc().errno();
      this.renumber();
    }
    const to = readSocketAddress(name, 0);
    this.happened.push({
      kind: 'error',
      origin: 'local',
      code: errnoName(errno),
      errno,
      id,
      payload,
      monoNs: sent.monoNs,
      ...to,
    });
  }

  /**
   * A stranger's flood would otherwise fill the socket's buffer and this process's memory. If the kernel refuses, it
   * refuses the send that follows too, which is reported.
   */
  private connect(name: Uint8Array): void {
    this.toConnect = libc().connect(this.fd, name, name.length) < 0;
  }

  /** Reads all pending data; true if there was any. The clock is read on the way. */
  drain(): boolean {
    const datagrams = this.drainDatagrams();
    const entries = this.drainErrors();
    this.giveUpStamps();
    return datagrams + entries > 0;
  }

  private drainDatagrams(): number {
    const batch = this.batches.in;
    const { capacity } = batch.shape;
    let total = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      batch.prepareReceive(capacity);
      const count = libc().recvmmsg(this.fd, batch.address, capacity, MSG_DONTWAIT, null);
      if (count <= 0) break;
      this.clock.read();
      for (let index = 0; index < count; index += 1) this.happened.push(this.received(batch, index));
      total += count;
      if (count < capacity) break;
    }
    return total;
  }

  private received(batch: MessageBatch, index: number): UdpReceived {
    decodeAncillary(batch, index, this.clock.baseSeconds, this.ancillary);
    const { stampNs, ttl } = this.ancillary;
    const at = batch.payloadAt(index);
    const from = readSocketAddress(batch.bytes, batch.nameAt(index)) ?? { address: '', port: 0 };
    const stamped = !Number.isNaN(stampNs);
    return {
      kind: 'received',
      payload: batch.bytes.slice(at, at + batch.lengthOf(index)),
      ...from,
      rxNs: stamped ? stampNs : this.clock.wallNs,
      stamp: stamped ? 'kernel' : 'process',
      epoch: this.clock.epoch,
      monoNs: this.clock.monoNs,
      ...(ttl >= 0 ? { ttl } : {}),
    };
  }

  private drainErrors(): number {
    const batch = this.batches.errors;
    const { capacity } = batch.shape;
    let total = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      batch.prepareReceive(capacity);
      const count = libc().recvmmsg(this.fd, batch.address, capacity, MSG_DONTWAIT | MSG_ERRQUEUE, null);
      if (count <= 0) break;
      for (let index = 0; index < count; index += 1) this.takeEntry(batch, index);
      total += count;
      if (count < capacity) break;
    }
    return total;
  }

  private takeEntry(batch: MessageBatch, index: number): void {
    decodeAncillary(batch, index, this.clock.baseSeconds, this.ancillary);
    if (!this.ancillary.hasError) return;
    if (this.ancillary.origin === SO_EE_ORIGIN_TIMESTAMPING) this.stamped(this.ancillary.data, this.ancillary.stampNs);
    else this.happened.push(errorEvent(batch, index, this.ancillary, this.clock.monoNs));
  }

  private stamped(key: number, stampNs: number): void {
    const sent = this.unstamped.get(key);
    if (sent === undefined) return;
    this.unstamped.delete(key);
    const { id, epoch, monoNs } = sent;
    this.happened.push({ kind: 'sent', id, txNs: stampNs, stamp: 'kernel', epoch, monoNs });
  }

  private giveUpStamps(): void {
    for (const [key, sent] of this.unstamped) {
      if (this.clock.monoNs - sent.monoNs < STAMP_PATIENCE_NS) return;
      this.unstamped.delete(key);
      this.unstampedEvent(sent);
    }
  }

  private unstampedEvent({ id, epoch, monoNs, wallNs }: Sent): void {
    this.happened.push({ kind: 'sent', id, txNs: wallNs, stamp: 'process', epoch, monoNs });
  }

  /** A refused send may have used up a stamp number. So pending stamps are read, and the numbers restart from 0. */
  private renumber(): void {
    this.drainErrors();
    for (const sent of this.unstamped.values()) this.unstampedEvent(sent);
    this.unstamped = new Map();
    startStamping(this.fd);
    this.nextKey = 0;
  }
}

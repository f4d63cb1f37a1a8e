import { randomInt } from 'node:crypto';
import { SO_MEMINFO, SOL_SOCKET } from '../kernel/constants.ts';
import type { IpFamily } from '../kernel/ip-address.ts';
import { libc } from '../kernel/libc.ts';
import { BATCH, ROUNDS } from './batch-size.ts';
import type { OpenedEchoSocket } from './open-echo-socket.ts';
import { type SlotHolder, Slots } from './slots.ts';

const MEMINFO_WORDS = 9;
const MEMINFO_DROPS = 8;
const KEYS = 65_536;

/** An echo socket with its echoes in flight. */
export class LiveSocket<Train extends SlotHolder> {
  readonly family: IpFamily;
  readonly fd: number;
  readonly via: OpenedEchoSocket['via'];
  readonly id: number;
  readonly slots: Slots<Train>;
  /** Trains that use this socket. */
  trains = 0;
  /** A train on it received no answer at all: the next trains start on a new id. */
  suspect = false;
  /** Answers of this pass that still need their send stamps and the clock, in order of arrival. */
  replies = 0;
  readonly replySequence: Uint16Array = new Uint16Array(BATCH * ROUNDS);
  readonly replyTtl: Int16Array = new Int16Array(BATCH * ROUNDS);
  /** Bits of `FLAW`. */
  readonly replyFlaws: Uint8Array = new Uint8Array(BATCH * ROUNDS);
  readonly openedAtNs: number;
  /** Number that the kernel will assign to the next packet's send stamp. */
  nextKey = 0;
  /** Sequence numbers by send stamp number. */
  readonly sequenceOfKey: Uint16Array = new Uint16Array(KEYS);
  dropsRead = 0;
  private readonly lengthOfMeminfo = new Uint32Array(1);
  private readonly meminfo = new Uint32Array(MEMINFO_WORDS);

  constructor(opened: OpenedEchoSocket, family: IpFamily, nowNs: number) {
    this.family = family;
    this.fd = opened.fd;
    this.via = opened.via;
    this.id = opened.id;
    this.openedAtNs = nowNs;
    this.slots = new Slots(randomInt(65_536));
  }

  keepReply(sequence: number, ttl: number, flaws: number): void {
    this.replySequence[this.replies] = sequence;
    this.replyTtl[this.replies] = ttl;
    this.replyFlaws[this.replies] = flaws;
    this.replies += 1;
  }

  /** Reads how many packets the kernel dropped at this socket so far, because its buffer was full, into `dropsRead`. */
  readDrops(): number {
    this.lengthOfMeminfo[0] = this.meminfo.byteLength;
    const failed = libc().getsockopt(this.fd, SOL_SOCKET, SO_MEMINFO, this.meminfo, this.lengthOfMeminfo) < 0;
    if (!failed) this.dropsRead = this.meminfo[MEMINFO_DROPS] ?? 0;
    return this.dropsRead;
  }

  close(): void {
    libc().close(this.fd);
  }
}

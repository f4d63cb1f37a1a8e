import { Worker } from 'node:worker_threads';
import { ThreadLink, type ThreadUser } from '../kernel/thread-link.ts';
import type { DroppedMessage, EventsMessage } from './boundary.ts';
import type { UdpEvent } from './types.ts';

/** What the hub reports to a socket. */
export interface HubMember {
  happened(events: readonly UdpEvent[]): void;
  dropped(): void;
}

/** The thread outlives its last socket by this time, since runs follow each other. */
const IDLE_MS = 30_000;

/** All datagram sockets of the process share one thread, which starts with the first of them. */
export class UdpHub implements ThreadUser {
  private static current: Promise<UdpHub> | undefined;
  /** Where the time axis of all sockets begins: whole seconds since 1970. */
  readonly baseSeconds: number;
  private readonly link: ThreadLink;
  private readonly members = new Map<number, HubMember>();
  private nextNumber = 1;
  private idle: NodeJS.Timeout | undefined;

  private constructor(link: ThreadLink) {
    this.link = link;
    this.baseSeconds = link.baseSeconds;
    link.attach(this);
  }

  /** The hub, started if there is none. @throws NotSupportedError */
  static async get(): Promise<UdpHub> {
    UdpHub.current ??= ThreadLink.open(
      (options) => new Worker(new URL('./udp-thread.js', import.meta.url), { name: 'udp', ...options }),
    ).then((link) => new UdpHub(link));
    try {
      return await UdpHub.current;
    } catch (error) {
      UdpHub.current = undefined;
      throw error;
    }
  }

  /** Lets a socket in; returns its number. */
  join(member: HubMember): number {
    clearTimeout(this.idle);
    const number = this.nextNumber;
    this.nextNumber += 1;
    this.members.set(number, member);
    this.link.keepAlive(true);
    return number;
  }

  post(message: unknown): void {
    this.link.post(message);
  }

  receive(message: unknown): void {
    const event = message as EventsMessage | DroppedMessage;
    const member = this.members.get(event.socket);
    if (event.kind === 'events') member?.happened(event.events);
    else this.leave(event.socket, member);
  }

  fail(error: Error): void {
    UdpHub.current = undefined;
    for (const member of this.members.values()) member.dropped();
    this.members.clear();
    process.emitWarning(`the thread of the datagram sockets ended: ${error.message}`);
  }

  private leave(number: number, member: HubMember | undefined): void {
    this.members.delete(number);
    member?.dropped();
    if (this.members.size > 0) return;
    this.link.keepAlive(false);
    this.idle = setTimeout(() => this.end(), IDLE_MS);
    this.idle.unref();
  }

  private end(): void {
    UdpHub.current = undefined;
    this.link.close().catch((error: Error) => process.emitWarning(error));
  }
}

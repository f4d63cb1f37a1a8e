import type { IpFamily } from '../kernel/ip-address.ts';
import { LiveSocket } from './live-socket.ts';
import { openEchoSocket } from './open-echo-socket.ts';
import type { EchoSocket, RunningTrain } from './running-train.ts';

/** An echo id on which a train failed is replaced, but not more often than this. */
const SHORTEST_LIFE_NS = 1e9;

/**
 * One echo socket per family, opened when first needed. After a train without any answer the next one gets a new socket with a
 * new random id, since an id can be pinned to a dead path in a NAT or firewall; the old one closes after its last train.
 */
export class SocketPool {
  /** All open sockets, those that wait for their last train included. */
  readonly open: Set<EchoSocket> = new Set();
  private readonly current = new Map<IpFamily, EchoSocket>();

  /** The socket for a new train, or undefined where the host does not allow one. */
  take(family: IpFamily, nowNs: number): EchoSocket | undefined {
    const socket = this.usable(family, nowNs) ?? this.replace(family, nowNs);
    if (socket !== undefined) socket.trains += 1;
    return socket;
  }

  /** Returns a train's socket to the pool. */
  release(socket: EchoSocket, answered: boolean): void {
    socket.trains -= 1;
    if (!answered) socket.suspect = true;
    if (socket.trains === 0 && this.current.get(socket.family) !== socket) this.discard(socket);
  }

  closeAll(): void {
    for (const socket of this.open) this.discard(socket);
    this.current.clear();
  }

  private usable(family: IpFamily, nowNs: number): EchoSocket | undefined {
    const socket = this.current.get(family);
    if (socket === undefined) return undefined;
    return socket.suspect && nowNs - socket.openedAtNs > SHORTEST_LIFE_NS ? undefined : socket;
  }

  private replace(family: IpFamily, nowNs: number): EchoSocket | undefined {
    const former = this.current.get(family);
    const opened = openEchoSocket(family);
    if (opened.via === 'absent') return former;
    const socket = new LiveSocket<RunningTrain>(opened, family, nowNs);
    this.current.set(family, socket);
    this.open.add(socket);
    if (former?.trains === 0) this.discard(former);
    return socket;
  }

  private discard(socket: EchoSocket): void {
    this.open.delete(socket);
    socket.close();
  }
}

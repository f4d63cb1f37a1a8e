import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { ClockGuard } from '../kernel/clock-guard.ts';
import { openEventFd } from '../kernel/eventfd.ts';
import { libc } from '../kernel/libc.ts';
import { MessageBatch } from '../kernel/message-batch.ts';
import { Pause } from '../kernel/pause.ts';
import { keepStamping } from '../kernel/stamp-keeper.ts';
import type { CloseMessage, ThreadData } from '../kernel/thread-link.ts';
import type { AdoptMessage, DropMessage, DroppedMessage, EventsMessage, SendMessage } from './boundary.ts';
import { EchoSocket } from './echo-socket.ts';
import { type Batches, ServedSocket } from './served-socket.ts';

type ThreadSocket = ServedSocket | EchoSocket;
type Message = AdoptMessage | SendMessage | DropMessage | CloseMessage;

const LARGEST_DATAGRAM = 65_536;
const RECEIVE_BATCH = 8;
const ERROR_BATCH = 32;
/** What arrives within this time after traffic is handled in one go; its stamps are the kernel's. */
const REST_NS = 1e6;
const STAMP_WAIT_NS = 5e6;

function run({ port, eventFd, baseSeconds }: ThreadData): void {
  const clock = new ClockGuard(baseSeconds);
  const pause = new Pause(openEventFd(eventFd));
  const sockets = new Map<number, ThreadSocket>();
  const batches: Batches = {
    out: new MessageBatch({ capacity: 1, nameBytes: 32, controlBytes: 0, payloadBytes: LARGEST_DATAGRAM }),
    in: new MessageBatch({ capacity: RECEIVE_BATCH, nameBytes: 32, controlBytes: 192, payloadBytes: LARGEST_DATAGRAM }),
    errors: new MessageBatch({ capacity: ERROR_BATCH, nameBytes: 32, controlBytes: 192, payloadBytes: 1500 }),
  };
  const take = (message: Message): boolean => {
    switch (message.kind) {
      case 'adopt':
        sockets.set(message.socket, adopt(message, clock, batches));
        return true;
      case 'send':
        clock.read();
        send(sockets.get(message.socket), message);
        return true;
      case 'drop':
        drop(sockets, message.socket, port);
        return true;
      case 'close':
        return false;
    }
  };
  const stopStamping = keepStamping();
  port.postMessage({ kind: 'ready' });
  while (takeAll(port, take)) {
    clock.read();
    const active = drainAll(sockets, port);
    if (active && !answersAny(sockets)) pause.rest(REST_NS);
    else if (!active) pause.watch(sockets.values(), awaitsStamps(sockets) ? STAMP_WAIT_NS : Number.POSITIVE_INFINITY);
  }
  for (const number of sockets.keys()) drop(sockets, number, port);
  stopStamping();
  port.close();
}

function adopt(message: AdoptMessage, clock: ClockGuard, batches: Batches): ThreadSocket {
  const { socket, fd, echo } = message;
  return echo === undefined ? new ServedSocket(message, clock, batches) : new EchoSocket(socket, fd, echo, batches.in);
}

function send(socket: ThreadSocket | undefined, message: SendMessage): void {
  if (socket instanceof ServedSocket) socket.send(message);
}

/** An echo must not wait: the sender times it. */
function answersAny(sockets: ReadonlyMap<number, ThreadSocket>): boolean {
  for (const socket of sockets.values()) if (socket instanceof EchoSocket) return true;
  return false;
}

function takeAll(port: MessagePort, take: (message: Message) => boolean): boolean {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    if (!take(next.message as Message)) return false;
  }
  return true;
}

function drainAll(sockets: ReadonlyMap<number, ThreadSocket>, port: MessagePort): boolean {
  let active = false;
  for (const socket of sockets.values()) {
    if (socket.drain()) active = true;
    const events = socket.takeEvents();
    if (events.length > 0) port.postMessage({ kind: 'events', socket: socket.number, events } satisfies EventsMessage);
  }
  return active;
}

function awaitsStamps(sockets: ReadonlyMap<number, ThreadSocket>): boolean {
  for (const socket of sockets.values()) if (socket.awaitsStamps) return true;
  return false;
}

function drop(sockets: Map<number, ThreadSocket>, number: number, port: MessagePort): void {
  const socket = sockets.get(number);
  if (socket === undefined) return;
  sockets.delete(number);
  libc().close(socket.fd);
  port.postMessage({ kind: 'dropped', socket: number } satisfies DroppedMessage);
}

run(workerData as ThreadData);

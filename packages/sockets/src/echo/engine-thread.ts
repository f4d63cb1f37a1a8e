import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { ClockGuard } from '../kernel/clock-guard.ts';
import { openEventFd } from '../kernel/eventfd.ts';
import { Pause, REST_MS } from '../kernel/pause.ts';
import { keepStamping } from '../kernel/stamp-keeper.ts';
import type { CloseMessage, ThreadData } from '../kernel/thread-link.ts';
import type { CancelMessage, SubmitMessage } from './boundary.ts';
import { EchoService } from './echo-service.ts';
import { Outbox } from './outbox.ts';
import { SocketPool } from './socket-pool.ts';

type Message = SubmitMessage | CancelMessage | CloseMessage;

function run({ port, eventFd, baseSeconds }: ThreadData): void {
  const clock = new ClockGuard(baseSeconds);
  const outbox = new Outbox(port);
  const pool = new SocketPool();
  const service = new EchoService(clock, outbox, pool);
  const pause = new Pause(openEventFd(eventFd));
  const stopStamping = keepStamping();
  port.postMessage({ kind: 'ready' });
  let woken = true;
  for (;;) {
    clock.read();
    if (woken && !readMessages(port, service)) break;
    const active = service.busy && service.pass();
    const idleNs = service.nextDueNs - clock.monoNs;
    outbox.post(clock.monoNs, idleNs > 0);
    woken = idleNs > 0 ? sleep(pause, service, active, idleNs) : pause.rest(0);
  }
  outbox.post(clock.monoNs, true);
  pool.closeAll();
  stopStamping();
  port.close();
}

/** Handles all pending messages; false once the engine is closed. */
function readMessages(port: MessagePort, service: EchoService): boolean {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
    const message = next.message as Message;
    if (message.kind === 'close') return false;
    if (message.kind === 'submit') service.submit(message);
    else service.cancel(message);
  }
  return true;
}

function sleep(pause: Pause, service: EchoService, active: boolean, idleNs: number): boolean {
  if (active) return pause.rest(REST_MS * 1e6);
  return pause.watch(service.sockets, idleNs);
}

run(workerData as ThreadData);

import { once } from 'node:events';
import { MessageChannel, type MessagePort, type Worker, type WorkerOptions } from 'node:worker_threads';
import { type EventFd, openEventFd } from './eventfd.ts';

/** The `workerData` of a polling thread. */
export interface ThreadData {
  readonly port: MessagePort;
  /** The descriptor of the wake-up. */
  readonly eventFd: number;
  /** Where the thread's axis of kernel stamps begins: whole seconds since 1970. */
  readonly baseSeconds: number;
}

/** The interface that the user of a link must implement. */
export interface ThreadUser {
  /** A message from the thread. */
  receive(message: unknown): void;
  /** The thread died. */
  fail(error: Error): void;
}

/** The last message to the thread: it closes its descriptors and stops. */
export interface CloseMessage {
  readonly kind: 'close';
}

/**
 * A thread that blocks in `poll`, and its communication channel: messages over a channel, and an eventfd that wakes it
 * to read them. The link keeps the process alive only while `keepAlive(true)`.
 */
export class ThreadLink {
  readonly baseSeconds: number;
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly events: EventFd;
  private closed = false;
  /** A thread in `poll` would delay the end of the process. */
  private readonly onExit = () => this.post({ kind: 'close' } satisfies CloseMessage);

  private constructor(worker: Worker, port: MessagePort, events: EventFd, baseSeconds: number) {
    this.baseSeconds = baseSeconds;
    this.worker = worker;
    this.port = port;
    this.events = events;
    process.on('exit', this.onExit);
  }

  /**
   * Starts the thread and waits until it reports that it is ready.
   * @throws what the thread threw at its start
   */
  static async open(start: (options: WorkerOptions) => Worker): Promise<ThreadLink> {
    const events = openEventFd();
    const { port1, port2 } = new MessageChannel();
    const baseSeconds = Math.floor(Date.now() / 1000);
    const data: ThreadData = { port: port2, eventFd: events.fd, baseSeconds };
    const worker = start({ workerData: data, transferList: [port2], execArgv: [] });
    try {
      await Promise.race([once(port1, 'message'), failure(worker)]);
    } catch (error) {
      port1.close();
      events.close();
      throw error;
    }
    return new ThreadLink(worker, port1, events, baseSeconds);
  }

  /** Forwards the thread's messages and its failure to `user`. */
  attach(user: ThreadUser): void {
    this.port.on('message', (message) => user.receive(message));
    this.worker.on('error', (error) => user.fail(error instanceof Error ? error : new Error(String(error))));
    this.keepAlive(false);
  }

  post(message: unknown, transfer: ArrayBuffer[] = []): void {
    if (this.closed) return;
    this.port.postMessage(message, transfer);
    this.events.wake();
  }

  keepAlive(alive: boolean): void {
    // The caller of `close` waits for the thread to end, so the process must stay alive until then.
    if (this.closed && !alive) return;
    if (alive) {
      this.port.ref();
      this.worker.ref();
    } else {
      this.port.unref();
      this.worker.unref();
    }
  }

  /** Ends the thread; all it posted before is delivered first. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.keepAlive(true);
    this.post({ kind: 'close' } satisfies CloseMessage);
    this.closed = true;
    process.off('exit', this.onExit);
    await once(this.worker, 'exit');
    await new Promise((resolve) => setImmediate(resolve));
    this.port.close();
    this.events.close();
  }
}

function failure(worker: Worker): Promise<never> {
  return new Promise((_, reject) => worker.once('error', reject));
}

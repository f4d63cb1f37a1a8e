import { openSink, type Sink } from './sink.ts';

/** Standard output or standard error. No call waits for the reader. */
export interface Output {
  /** Writes an answer. What the reader does not take yet is kept until it does, or until the process ends. */
  write(text: string): void;
  /**
   * Writes one line of a log. Where the reader does not read, at most 1 MiB is kept; further lines are dropped and
   * counted. Once the reader reads again, `dropped` makes the line that says how many.
   */
  log(line: string, dropped: (count: number) => string): void;
  /**
   * Waits until everything is written, or nothing more can be. Returns the error that prevented it; null: there was
   * none. @param withinMs longest wait; absent: as long as it takes
   */
  flushed(withinMs?: number): Promise<Error | null>;
  /** Whether text still waits for a reader: a process that ends must then not wait for its streams. */
  readonly waiting: boolean;
}

const MOST_WAITING_BYTES = 1024 * 1024;
/** Pause before it is tried again to write what waits, ms. */
const PAUSE_MS = 50;

const outputs = new Map<1 | 2, Output>();

/** The process's own output: one for each descriptor, so that lines keep their order. */
export function outputTo(fd: 1 | 2): Output {
  let output = outputs.get(fd);
  if (output === undefined) {
    const queue = new QueuedOutput(() => openSink(fd));
    process.on('exit', () => queue.writeRest());
    outputs.set(fd, queue);
    output = queue;
  }
  return output;
}

/** An output on any sink, for suites. */
export class QueuedOutput implements Output {
  #sink: Sink | null = null;
  readonly #open: () => Sink;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  #droppedLine: ((count: number) => string) | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Calls of `flushed` that wait. */
  #waiters: (() => void)[] = [];
  #fault: Error | null = null;

  constructor(open: () => Sink) {
    this.#open = open;
  }

  write(text: string): void {
    this.#add(Buffer.from(text));
  }

  log(line: string, dropped: (count: number) => string): void {
    const bytes = Buffer.from(line);
    this.#droppedLine = dropped;
    if (this.#dropped > 0 && this.#timer === null) this.#drain();
    if (this.#dropped > 0 || this.#waitingBytes + bytes.length > MOST_WAITING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#add(bytes);
  }

  get waiting(): boolean {
    return this.#fault === null && this.#isWaiting();
  }

  async flushed(withinMs?: number): Promise<Error | null> {
    this.#drain();
    if (this.#isWaiting() && this.#fault === null) {
      let patience: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#waiters.push(resolve);
        if (withinMs !== undefined) patience = setTimeout(resolve, withinMs);
        this.#drain();
      });
      clearTimeout(patience);
    }
    return this.#fault;
  }

  /** Writes what the reader takes at once: the process ends. */
  writeRest(): void {
    this.#drain();
  }

  #add(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#timer === null) this.#drain();
  }

  /** Writes what the reader takes. Each text is one call, so that lines of two processes on one pipe stay whole. */
  #drain(): void {
    try {
      this.#sink ??= this.#open();
      for (let bytes = this.#next(); bytes !== undefined; bytes = this.#next()) {
        const taken = this.#sink.write(bytes);
        this.#waitingBytes -= taken;
        if (taken < bytes.length) this.#waiting[0] = bytes.subarray(taken);
        else this.#waiting.shift();
        if (taken === 0) break;
      }
    } catch (error) {
      // The reader is gone, or the disk is full. Later lines may find room.
      this.#fault ??= error instanceof Error ? error : new Error(String(error));
      this.#dropped += this.#waiting.length;
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length > 0 || (this.#waiters.length > 0 && this.#isWaiting())) {
      this.#timer = setTimeout(() => this.#drain(), PAUSE_MS);
      if (this.#waiters.length === 0) this.#timer.unref();
      return;
    }
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  /** Whether text has not left the process yet. */
  #isWaiting(): boolean {
    try {
      return this.#waiting.length > 0 || (this.#sink?.pending() ?? 0) > 0;
    } catch (error) {
      this.#fault ??= error instanceof Error ? error : new Error(String(error));
      return false;
    }
  }

  /** What is written next: the count of dropped lines comes after the lines before it. */
  #next(): Uint8Array | undefined {
    if (this.#waiting.length === 0 && this.#dropped > 0 && this.#droppedLine !== null) {
      const line = Buffer.from(this.#droppedLine(this.#dropped));
      this.#dropped = 0;
      this.#waiting.push(line);
      this.#waitingBytes += line.length;
    }
    return this.#waiting[0];
  }
}

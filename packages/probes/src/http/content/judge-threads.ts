import { Worker } from 'node:worker_threads';
import type { TimeUp } from './decode.ts';
import type { BodyToJudge, ContentFault } from './judge-body.ts';

/** An unused thread ends after this. */
const IDLE_MS = 10_000;
/** Bodies from this size on have a buffer of their own, which can be handed over. */
const LARGE_BYTES = 64 * 1024;
const LIMITS = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8, stackSizeMb: 2 };

interface Job {
  readonly body: BodyToJudge;
  readonly resolve: (faults: readonly ContentFault[] | null) => void;
}

/**
 * Judges bodies in a separate thread, one after the other, so that neither a large document nor a pattern delays other
 * runs. The thread starts with the first body and ends after a while without one. It is terminated if a body takes too
 * long.
 */
class JudgeThread {
  #worker: Worker | null = null;
  #running: Job | null = null;
  #waiting: Job[] = [];
  #idle: NodeJS.Timeout | undefined;

  add(job: Job): void {
    this.#waiting.push(job);
    this.#next();
  }

  /** Drops a waiting body, or ends the thread that judges it. */
  drop(job: Job): void {
    this.#waiting = this.#waiting.filter((other) => other !== job);
    if (this.#running !== job) return;
    this.#stop();
    this.#settle(null);
  }

  #next(): void {
    if (this.#running !== null) return;
    clearTimeout(this.#idle);
    const job = this.#waiting.shift();
    if (job === undefined) {
      this.#idle = setTimeout(() => this.#stop(), IDLE_MS).unref();
      return;
    }
    this.#running = job;
    this.#worker ??= this.#start();
    this.#worker.ref();
    const { bytes } = job.body;
    this.#worker.postMessage(job.body, bytes.length >= LARGE_BYTES ? [bytes.buffer as ArrayBuffer] : []);
  }

  #start(): Worker {
    const url = new URL('./judge-thread.js', import.meta.url);
    const worker = new Worker(url, { name: 'judge', resourceLimits: LIMITS, execArgv: [] });
    worker.on('message', (faults: readonly ContentFault[]) => this.#settle(faults));
    worker.on('error', () => {
      this.#stop();
      this.#settle(null);
    });
    return worker;
  }

  #settle(faults: readonly ContentFault[] | null): void {
    const job = this.#running;
    this.#running = null;
    this.#worker?.unref();
    job?.resolve(faults);
    this.#next();
  }

  #stop(): void {
    const worker = this.#worker;
    this.#worker = null;
    worker?.removeAllListeners();
    worker?.on('error', () => {});
    void worker?.terminate();
  }
}

const thread = new JudgeThread();

/**
 * The conditions that a body does not meet; null when they were not judged in time. The thread takes a large body over
 * with its memory, since a copy would double it: the caller can no longer read it.
 */
export function judgeInThread(body: BodyToJudge, timeUp: TimeUp): Promise<readonly ContentFault[] | null> {
  return new Promise((resolve) => {
    const job: Job = {
      body,
      resolve(faults) {
        endWait();
        resolve(faults);
      },
    };
    const endWait = timeUp.wait(() => {
      thread.drop(job);
      resolve(null);
    });
    thread.add(job);
  });
}

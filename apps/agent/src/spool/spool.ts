import { Worker } from 'node:worker_threads';
import { type AgentRecord, MAX_RECORD_BYTES } from '@netsonde/protocol';
import { redatedJson } from '../clock/dated.ts';
import type { Anchoring } from './clock-lines.ts';
import type { ReportedDrop } from './drop-ledger.ts';
import type { SpoolLimits } from './limits.ts';
import { RecordPacker } from './packed-records.ts';
import { spanOf } from './record-span.ts';
import type { SeqRanges } from './seq-ranges.ts';
import type { Kept, Position, SpoolStatus, SpoolTime } from './spool-core.ts';
import { sharedMs } from './thread-clock.ts';
import type { FromThread, ReadAnswer, ThreadStart, ToThread } from './thread-messages.ts';

type WithoutSeq<R> = R extends AgentRecord ? Omit<R, 'seq'> : never;

/** A record before it has its epoch and sequence number. */
export type NewRecord = WithoutSeq<AgentRecord>;

/** Records are sent to the thread in groups, this long after the first of a group, ms. */
const GROUP_MS = 200;
const GROUP_RECORDS = 1000;

interface Question {
  resolve(answer: never): void;
  reject(error: Error): void;
}

export interface SpoolListener {
  /** These records are durable, in order of `seq`. */
  kept(records: readonly Kept[]): void;
  warn(message: string): void;
}

/** The spool as the agent uses it. Only its thread uses the disk. */
export class Spool {
  readonly epoch: number;
  readonly lastAliveMs: number | null;
  readonly cursors: readonly (readonly [check: number, target: number, to: number])[];
  readonly #worker: Worker;
  /** Reports from before there was a listener. */
  readonly #warnings: readonly string[];
  #listener: SpoolListener = { kept: () => {}, warn: () => {} };
  #nextSeq = 0;
  readonly #group = new RecordPacker();
  #timer: NodeJS.Timeout | null = null;
  /** Records that are not durable yet, in order. The first `#head` of them are done. */
  #waiting: Kept[] = [];
  #head = 0;
  #questions = new Map<number, Question>();
  #nextQuestion = 1;
  #closing = false;
  #fault: Error | null = null;
  readonly #exited: Promise<void>;
  /**
   * Resolves with the reason where the thread ends unexpectedly. Nothing is written any more, so the agent must end
   * too.
   */
  readonly died: Promise<string>;

  constructor(worker: Worker, opened: Extract<FromThread, { type: 'open' }>, warnings: readonly string[]) {
    this.#worker = worker;
    this.#warnings = warnings;
    this.epoch = opened.epoch;
    this.lastAliveMs = opened.lastAliveMs;
    this.cursors = opened.cursors;
    worker.on('message', (message: FromThread) => this.#heard(message));
    let why = 'it ended';
    worker.on('error', (error) => {
      why = error.message;
    });
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    this.died = new Promise((resolve) => {
      worker.once('exit', () => {
        if (!this.#closing)
          resolve(
            this.#fail(
              `the spool failed (${why}): start the agent again, which counts what was not on the disk as missed`,
            ),
          );
      });
    });
  }

  /** The sequence number of the next record. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  listen(listener: SpoolListener): void {
    this.#listener = listener;
    for (const warning of this.#warnings) listener.warn(warning);
  }

  /** Numbers the record and sends it to the disk. A record beyond MAX_RECORD_BYTES is shrunk by `cut`. */
  append(record: NewRecord, cut: (record: NewRecord) => NewRecord): number {
    const seq = this.#nextSeq++;
    let json = numbered(record, seq);
    if (json.length > MAX_RECORD_BYTES / 3 && Buffer.byteLength(json) > MAX_RECORD_BYTES)
      json = numbered(cut(record), seq);
    const { from, to, count } = spanOf(record);
    this.#group.add({ seq, check: record.check, target: record.target, from, to, count, json });
    this.#waiting.push({ epoch: this.epoch, seq, json });
    if (this.#group.size >= GROUP_RECORDS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), GROUP_MS);
    return seq;
  }

  session(received: readonly { readonly epoch: number; readonly ranges: SeqRanges }[]): void {
    this.#post({ type: 'session', received });
  }

  /** The checks of the assignment in force. */
  assigned(checks: readonly number[]): void {
    this.#post({ type: 'assigned', checks });
  }

  /** What time it is, epoch ms; see `ClockLine`. */
  clockIs(nowMs: number, leastMs: number | null): void {
    const shared = sharedMs();
    this.#post({
      type: 'clock',
      bestAheadMs: nowMs - shared,
      leastAheadMs: leastMs === null ? null : leastMs - shared,
    });
  }

  /** The clock is anchored: everything appended before now is dated by what is known now. */
  anchored(known: Omit<Anchoring, 'beforeSeq'>): void {
    this.#flush();
    this.#post({ type: 'anchored', anchoring: { ...known, beforeSeq: this.#nextSeq } });
    const dated = { shiftMs: known.byMs, unsure: false };
    this.#waiting = this.#waiting.map((one) => ({ ...one, json: redatedJson(one.json, dated) }));
  }

  sent(epoch: number, ranges: SeqRanges): void {
    this.#post({ type: 'sent', epoch, ranges });
  }

  acknowledge(epoch: number, ranges: SeqRanges): void {
    this.#post({ type: 'acknowledge', epoch, ranges });
  }

  read(position: Position, before: number, maxBytes: number): Promise<ReadAnswer> {
    return this.#ask((id) => ({ type: 'read', id, position, before, maxBytes }));
  }

  drops(): Promise<readonly ReportedDrop[]> {
    return this.#ask((id) => ({ type: 'drops', id }));
  }

  status(): Promise<SpoolStatus> {
    return this.#ask((id) => ({ type: 'status', id }));
  }

  /** Resolves once everything appended so far is written, waits for a failing disk, or can never be written. */
  async flushed(): Promise<void> {
    this.#flush();
    await this.status().catch((error: unknown) => {
      if (error !== this.#fault) throw error;
    });
  }

  /** Resolves once everything appended is durable or counted and the files are closed, or the thread has ended. */
  async close(): Promise<void> {
    this.#flush();
    this.#closing = true;
    this.#post({ type: 'close' });
    await this.#exited;
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#group.size > 0) this.#post({ type: 'append', ...this.#group.take() });
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #ask<Answer>(question: (id: number) => ToThread): Promise<Answer> {
    const id = this.#nextQuestion++;
    return new Promise<Answer>((resolve, reject) => {
      if (this.#fault !== null) return reject(this.#fault);
      this.#questions.set(id, { resolve, reject });
      this.#post(question(id));
    });
  }

  /** Ends all pending calls once the thread is gone. */
  #fail(message: string): string {
    this.#fault = new Error(message);
    for (const { reject } of this.#questions.values()) reject(this.#fault);
    this.#questions.clear();
    return message;
  }

  #heard(message: FromThread): void {
    switch (message.type) {
      case 'kept':
        this.#listener.kept(this.#take(message.to));
        return;
      case 'lost':
        this.#take(message.to);
        return;
      case 'warn':
        this.#listener.warn(message.message);
        return;
      case 'read':
      case 'drops':
      case 'status':
        this.#questions.get(message.id)?.resolve(message.answer as never);
        this.#questions.delete(message.id);
        return;
      case 'failed':
      case 'open':
        return;
    }
  }

  /** Removes the waiting records up to `to` from the list. */
  #take(to: number): readonly Kept[] {
    const start = this.#head;
    while (this.#head < this.#waiting.length && (this.#waiting[this.#head]?.seq ?? 0) <= to) this.#head += 1;
    const taken = this.#waiting.slice(start, this.#head);
    if (this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}

/** Inserts the number at the front of the record's JSON: cheaper than making a new object. */
function numbered(record: NewRecord, seq: number): string {
  return `{"seq":${seq},${JSON.stringify(record).slice(1)}`;
}

/** Opens the spool in its folder and starts a new epoch. @throws Error with the folder and the kernel's error. */
export async function openSpool(folder: string, limits: SpoolLimits, time: SpoolTime): Promise<Spool> {
  const start: ThreadStart = { folder, limits, time };
  const worker = new Worker(new URL('./spool-thread.js', import.meta.url), {
    workerData: start,
    name: 'spool',
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 4, stackSizeMb: 1 },
  });
  const warnings: string[] = [];
  return new Promise<Spool>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`--data: the spool in ${folder} cannot be opened: ${why}`));
    worker.once('error', (error) => fail(error.message));
    worker.on('message', function first(message: FromThread) {
      if (message.type === 'warn') return void warnings.push(message.message);
      worker.off('message', first);
      if (message.type === 'open') return resolve(new Spool(worker, message, warnings));
      fail(message.type === 'failed' ? message.message : message.type);
      worker.terminate().catch(() => {});
    });
  });
}

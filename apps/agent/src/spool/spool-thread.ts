import { parentPort, workerData } from 'node:worker_threads';
import { isOfDisk } from './disk-error.ts';
import { unpack } from './packed-records.ts';
import { SpoolCore } from './spool-core.ts';
import { ThreadClock } from './thread-clock.ts';
import type { FromThread, ReadAnswer, ThreadStart, ToThread } from './thread-messages.ts';

const TICK_MS = 1000;
const port = parentPort;
if (port === null) throw new Error('spool-thread is started as a worker thread only');
const post = (message: FromThread) => port.postMessage(message);

try {
  serve(workerData as ThreadStart);
} catch (error) {
  post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}

/** Answers the messages of one spool until it is closed. */
function serve({ folder, limits, time }: ThreadStart): void {
  const clock = new ThreadClock(time.nowMs);
  const core = new SpoolCore(folder, limits, time, {
    kept: (from, to) => post({ type: 'kept', from, to }),
    lost: (from, to) => post({ type: 'lost', from, to }),
    warn: (message) => post({ type: 'warn', message }),
  });
  post({ type: 'open', epoch: core.epoch, lastAliveMs: core.lastAliveMs, cursors: core.cursors() });
  const timer = setInterval(
    guarded(() => core.tick(clock.nowMs(), clock.leastMs())),
    TICK_MS,
  );
  port?.on('message', (message: ToThread) => guarded(() => handle(core, clock, message, () => clearInterval(timer)))());
}

/** An error must not end the thread. It is reported, and the next attempt may succeed. */
function guarded(action: () => void): () => void {
  return () => {
    try {
      action();
    } catch (error) {
      const what = isOfDisk(error) ? "the spool's disk" : 'the spool';
      post({ type: 'warn', message: `${what} failed: ${error instanceof Error ? error.message : error}` });
    }
  };
}

function handle(core: SpoolCore, clock: ThreadClock, message: ToThread, stop: () => void): void {
  switch (message.type) {
    case 'append':
      core.append(unpack(message));
      return;
    case 'session':
      core.session(message.received);
      return;
    case 'assigned':
      core.assigned(message.checks);
      return;
    case 'clock':
      clock.set(message);
      return;
    case 'anchored':
      core.anchored(message.anchoring);
      return;
    case 'sent':
      core.sent(message.epoch, message.ranges);
      return;
    case 'acknowledge':
      core.acknowledge(message.epoch, message.ranges);
      return;
    case 'read': {
      let answer: ReadAnswer = { records: [], next: null };
      try {
        answer = core.read(message.position, message.before, message.maxBytes);
      } finally {
        post({ type: 'read', id: message.id, answer });
      }
      return;
    }
    case 'drops':
      post({ type: 'drops', id: message.id, answer: core.drops() });
      return;
    case 'status':
      post({ type: 'status', id: message.id, answer: core.status() });
      return;
    case 'close':
      stop();
      guarded(() => core.close(clock.nowMs()))();
      port?.close();
  }
}

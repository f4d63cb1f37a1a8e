import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { inPlace } from '../in-place.ts';
import { openDatabase } from '../open-database.ts';
import { opening, StoreError, storeErrorOf } from '../store-error.ts';
import { Plans } from './accept/plans.ts';
import { dayOf } from './blocks/chunks.ts';
import { sweepDetails } from './intake/detail-table.ts';
import { intakeFile, openIntakeDatabase } from './intake/intake-database.ts';
import { type FrameIn, type FrameOut, IntakeWriter } from './intake/intake-writer.ts';
import { forgetSeries, purgeStep } from './intake/purge.ts';
import { shrinkIntake, trimLog } from './intake/trim-log.ts';
import { readMeta, writeMeta } from './meta-table.ts';
import { openResultsDatabase, resultsFile } from './results-database.ts';
import { readDeleted } from './retention/horizons.ts';
import { answerCall, type Call, type CallReply, start } from './thread-call.ts';
import type { Vocabulary } from './validate/vocabulary.ts';

export interface WriterSetup {
  readonly folder: string;
  /** The configuration database, which has the plan. null: no plan restricts what is stored. */
  readonly planFile: string | null;
  readonly vocabulary: Vocabulary;
}

/** Least time between commits under load, ms. Frames that arrive meanwhile share the next commit. */
const SPACING_MS = 40;
/** Wait for more frames after the first frame of a quiet time, ms. */
const COMPANY_MS = 3;
/** Bytes of pending frames that trigger a commit at once. */
const ENOUGH_BYTES = 1024 * 1024;

if (parentPort === null) throw new Error('writer-thread runs as a thread only');
const port = parentPort;
const { folder, planFile, vocabulary } = workerData as WriterSetup;
const file = intakeFile(folder);
const { results, db, writer, config, plans } = start(port, file, () => {
  const blocks = openResultsDatabase(folder, 'write');
  const intake = openIntakeDatabase(folder, 'write');
  const planned = planFile === null ? null : openDatabase(planFile, { pageSize: 4096, cacheKib: 1024, readonly: true });
  const ofAgents = planFile === null || planned === null ? null : opening(planFile, () => new Plans(planned));
  const intakeWriter = new IntakeWriter(intake, blocks, vocabulary, ofAgents);
  return { results: blocks, db: intake, writer: intakeWriter, config: planned, plans: ofAgents };
});

const assertInPlace = inPlace(
  [file, resultsFile(folder)],
  'nothing is stored any more, and agents keep what they measure',
);
/** Faults that a single frame of a group may cause. */
const EACH_ALONE: ReadonlySet<string> = new Set(['internal', 'corrupt']);
/** Why the last group could not be stored, if its file is damaged. */
let damaged: StoreError | null = null;
let queue: { id: number; frame: FrameIn }[] = [];
let queuedBytes = 0;
let timer: NodeJS.Timeout | undefined;
let lastCommitMs = 0;

function enqueue(id: number, frame: FrameIn): void {
  queue.push({ id, frame });
  queuedBytes += frame.frame.byteLength;
  if (queuedBytes >= ENOUGH_BYTES) {
    clearTimeout(timer);
    timer = undefined;
    commit();
  } else timer ??= setTimeout(commit, Math.max(COMPANY_MS, lastCommitMs + SPACING_MS - performance.now()));
}

function commit(): void {
  timer = undefined;
  const group = queue;
  queue = [];
  queuedBytes = 0;
  lastCommitMs = performance.now();
  if (group.length > 0) port.postMessage(commitGroup(group));
}

/** If a group fails for another reason than the disk, its frames are retried one by one, so that one cannot block the rest. */
function commitGroup(group: readonly { id: number; frame: FrameIn }[]): CallReply[] {
  try {
    assertInPlace();
    const reports: readonly FrameOut[] = writer.commit(group.map(({ frame }) => frame));
    // A file removed meanwhile has lost these frames: their agents send them again.
    assertInPlace();
    damaged = null;
    return group.map(({ id }, i) => ({ id, value: reports[i] }));
  } catch (cause) {
    const { code, message } = storeErrorOf(cause, file);
    if (EACH_ALONE.has(code) && group.length > 1) return group.flatMap((one) => commitGroup([one]));
    if (code === 'corrupt') damaged = new StoreError(code, message);
    return group.map(({ id }) => ({ id, error: { code, message } }));
  }
}

/** Calls that must not be lost while a file is away: a plan that stayed old would refuse what the new one gave. */
const WITHOUT_FILES = new Set(['close', 'planChanged']);

function run(name: string, args: readonly unknown[]): unknown {
  if (!WITHOUT_FILES.has(name)) assertInPlace();
  switch (name) {
    case 'writable':
      if (damaged !== null) throw damaged;
      return undefined;
    case 'received':
      return writer.received(args[0] as number);
    case 'setChecks':
      return setChecks(args[0] as readonly { check: number; probe: string }[]);
    case 'addChecks':
      return addChecks(args[0] as readonly { check: number; probe: string }[]);
    case 'planChanged':
      return plans?.changed(args[0] as readonly number[]);
    case 'forget':
      return forget(args[0] as readonly number[]);
    case 'forgetUnplanned':
      return forgetUnplanned(args[0] as number);
    case 'trim':
      return trimLog(db, results);
    case 'purge':
      return purgeStep(db, results);
    case 'sweep':
      return sweep(args[0] as number);
    case 'shrink':
      return shrinkIntake(db);
    case 'logBytes':
      return db.prepare('SELECT coalesce(sum(length(data)), 0) AS bytes, min(received_ms) AS oldestMs FROM log').get();
    case 'close':
      return close();
    default:
      throw new Error(`the writer has no call ${name}`);
  }
}

function setChecks(checks: readonly { check: number; probe: string }[]): void {
  db.transaction(() => {
    db.exec('DELETE FROM known_check');
    writeChecks(checks);
  })();
  writer.readChecks();
}

function addChecks(checks: readonly { check: number; probe: string }[]): void {
  db.transaction(() => writeChecks(checks))();
  writer.addChecks(checks);
}

function writeChecks(checks: readonly { check: number; probe: string }[]): void {
  const insert = db.prepare('INSERT OR REPLACE INTO known_check VALUES (?, ?)');
  for (const { check, probe } of checks) insert.run(check, probe);
}

/**
 * Deletes the series of checks. Readers and folds then ignore their records in the log and in blocks. Their blocks are
 * deleted in steps afterwards.
 */
function forget(checks: readonly number[]): void {
  const losses = ['loss', 'refused_due', 'repeated_run', 'known_check'].map((table) =>
    db.prepare(`DELETE FROM ${table} WHERE check_id = ?`),
  );
  db.transaction(() => {
    for (const check of checks) {
      forgetSeries(db, check);
      for (const loss of losses) loss.run(check);
    }
    writeMeta(db, 'forgotten', (readMeta(db, 'forgotten') ?? 0) + 1);
  })();
  writer.dropChecks(checks);
  writer.forgetCaches();
}

function forgetUnplanned(agent: number): void {
  const deletes = ['unplanned', 'unplanned_total'].map((table) => db.prepare(`DELETE FROM ${table} WHERE agent = ?`));
  db.transaction(() => {
    for (const one of deletes) one.run(agent);
  })();
  writer.forgetCaches();
}

/** Deletes details of expired or deleted results, and drops cached ones that may be deleted. */
function sweep(after: number): number | null {
  const last = sweepDetails(db, after, dayOf(readDeleted(results)[0]));
  if (last !== null) writer.forgetCaches();
  return last;
}

function close(): void {
  clearTimeout(timer);
  commit();
  db.close();
  results.close();
  config?.close();
  setImmediate(() => port.close());
}

/**
 * Calls that do not wait for the queued frames, since agents that reconnect at once must not commit one by one. The plan
 * grows before an agent receives it, so the new plan judges queued frames correctly.
 */
const OF_COMMITTED = new Set(['received', 'writable', 'logBytes', 'planChanged']);

function onCall(call: Call): void {
  if (call.name === 'ingest') enqueue(call.id, call.args[0] as FrameIn);
  else {
    if (queue.length > 0 && !OF_COMMITTED.has(call.name)) {
      clearTimeout(timer);
      commit();
    }
    answerCall(port, call, run, { file, notes: writer.notes });
  }
}

port.on('message', (call: Call) => {
  onCall(call);
  for (let more = receiveMessageOnPort(port); more !== undefined; more = receiveMessageOnPort(port))
    onCall(more.message as Call);
});

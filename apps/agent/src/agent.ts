import { join } from 'node:path';
import type { Catalog } from '@netsonde/probes/catalog';
import { type OpenRunHost, openSystemRunHost, type Runners } from '@netsonde/probes/runtime';
import { parseEnrolmentToken, type SentCheck } from '@netsonde/protocol';
import { type KeptAssignment, keepAssignment, readAssignment } from './assignment/assignment-file.ts';
import { assignmentHash } from './assignment/assignment-hash.ts';
import { readChecks } from './assignment/read-checks.ts';
import { type RefusedCheck, readyChecks } from './assignment/ready-checks.ts';
import { type DataFolder, takeDataFolder } from './data-folder.ts';
import { agentCapabilities } from './host/capabilities.ts';
import { processClock } from './host/clock.ts';
import { describeSystem } from './host/system.ts';
import { openIdentity } from './identity/agent-identity.ts';
import type { AgentLog } from './log.ts';
import { AgentOptionError, type AgentOptions } from './options.ts';
import { readPolicy } from './policy/read-policy.ts';
import { LoopDelay } from './runs/loop-delay.ts';
import { Progress } from './runs/progress.ts';
import { type ReadyCheck, runCheck } from './runs/run-check.ts';
import { cutToSize } from './runs/run-record.ts';
import { Duties } from './schedule/duties.ts';
import { oneTimer } from './schedule/one-timer.ts';
import { Scheduler } from './schedule/scheduler.ts';
import type { Missed, Series } from './schedule/series.ts';
import { defaultLimits, type SpoolLimits } from './spool/limits.ts';
import { type NewRecord, openSpool, type Spool } from './spool/spool.ts';
import type { InForce } from './uplink/session.ts';
import { Uplink } from './uplink/uplink.ts';

/** What an agent can run, and where it speaks. */
export interface AgentParts {
  readonly catalog: Catalog;
  readonly runners: Runners;
  readonly log: AgentLog;
  /** Absent: the defaults for the data folder's disk. */
  readonly spoolLimits?: Partial<SpoolLimits>;
  /** Longest wait between two attempts to reach the server, ms. Absent: half a minute. */
  readonly longestWaitMs?: number;
}

/** An agent at work. */
export interface RunningAgent {
  /** Resolves when the agent stopped by itself, with what to do about it; with null after `close`. */
  readonly ended: Promise<string | null>;
  /** Cancels all runs, writes everything down, says goodbye: within 5 s. */
  close(): Promise<void>;
}

const CANCEL_TIMEOUT_MS = 2500;

/** Starts an agent; what it did before goes on at once, whether the server is there or not. @throws Error that says what to do. */
export async function startAgent(options: AgentOptions, parts: AgentParts): Promise<RunningAgent> {
  const folder = takeDataFolder(options.data);
  try {
    return await startIn(folder, options, parts);
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function startIn(folder: DataFolder, options: AgentOptions, parts: AgentParts): Promise<RunningAgent> {
  const { log } = parts;
  const identity = openIdentity(folder.path);
  const token = options.token === null ? null : parseEnrolmentToken(options.token);
  if (identity.server === null && token === null)
    throw new AgentOptionError(
      '--token is missing: this agent is not enrolled yet; make a token on the server with "netsonde token create --agent" and give it with --token or NETSONDE_TOKEN',
    );
  if (identity.server !== null && token !== null && token.serverFingerprint !== identity.server.fingerprint)
    throw new AgentOptionError(
      `--token belongs to another server than the one that ${folder.path} was enrolled with: choose another --data folder`,
    );
  const { policy, problem } = readPolicy(folder.file('policy.json'), options.policy);
  if (problem !== null) log.error(problem);
  const spoolFolder = join(folder.path, 'spool');
  const spool = await openSpool(spoolFolder, { ...defaultLimits(folder.path), ...parts.spoolLimits });
  const agent = new Agent(folder, options, parts, spool, openSystemRunHost(policy));
  const uplink = new Uplink({
    server: options.server,
    ca: options.ca,
    identity,
    token,
    name: options.name,
    labels: options.labels,
    system: describeSystem(),
    capabilities: agentCapabilities,
    assignmentHash: () => agent.inForce?.hash ?? null,
    inForce: () => agent.inForce,
    assign: (agentId, arrived) => agent.assign(agentId, arrived.revision, arrived.checks),
    load: () => agent.load(),
    spool,
    log,
    clock: processClock,
    random: Math.random,
    longestWaitMs: parts.longestWaitMs,
  });
  return agent.start(uplink);
}

/** The parts of a running agent, tied together. */
class Agent {
  readonly #folder: DataFolder;
  readonly #parts: AgentParts;
  readonly #spool: Spool;
  readonly #host: OpenRunHost;
  readonly #loopDelay = new LoopDelay(processClock.monotonicMs);
  readonly #scheduler: Scheduler;
  readonly #duties: Duties;
  readonly #progress = new Progress(processClock.monotonicMs);
  #uplink: Uplink | null = null;
  #ready = new Map<string, ReadyCheck>();
  #inForce: InForce | null = null;
  #closing: Promise<void> | null = null;

  constructor(folder: DataFolder, options: AgentOptions, parts: AgentParts, spool: Spool, host: OpenRunHost) {
    this.#folder = folder;
    this.#parts = parts;
    this.#spool = spool;
    this.#host = host;
    this.#scheduler = new Scheduler({
      clock: processClock,
      timer: oneTimer(),
      maxRunning: options.maxRuns,
      run: (series, request) => this.#run(series, request),
      missed: (series, missed) => this.#missed(series, missed),
    });
    const cursors = new Map(spool.cursors.map(([check, target, to]) => [`${check}/${target}`, to]));
    this.#duties = new Duties(this.#scheduler, (check, target) => cursors.get(`${check}/${target}`), spool.lastAliveMs);
  }

  /** The assignment in force; null: none. */
  get inForce(): InForce | null {
    return this.#inForce;
  }

  start(uplink: Uplink): RunningAgent {
    this.#uplink = uplink;
    this.#spool.listen({ kept: (records) => uplink.kept(records), warn: (message) => this.#parts.log.warn(message) });
    const kept = this.#keptAssignment();
    if (kept !== null) this.#enforce(kept.agentId, kept.revision, kept.checks);
    const ended = uplink.run().then(async (end) => {
      if (end !== null) await this.#close();
      return end?.reason ?? null;
    });
    let closing: Promise<void> | null = null;
    const close = async () => {
      await this.#stopRuns();
      await uplink.close();
      await this.#close();
      await ended;
    };
    return {
      ended,
      close() {
        closing ??= close();
        return closing;
      },
    };
  }

  /** Puts an assignment in force, after it is durable; also where the disk does not take it. */
  assign(agentId: number, revision: number, checks: readonly SentCheck[]): readonly RefusedCheck[] {
    this.#keep(agentId, revision, checks);
    return this.#enforce(agentId, revision, checks);
  }

  #keep(agentId: number, revision: number, checks: readonly SentCheck[]): void {
    try {
      keepAssignment(this.#folder.file('assignment.json'), agentId, revision, checks);
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      this.#parts.log.error(
        `the assignment is in force but could not be kept (${why}): free the disk, or a restart begins with the one before`,
      );
    }
  }

  load(): { loopDelayP99Ms: number | null; running: number } {
    return { loopDelayP99Ms: this.#loopDelay.takeP99Ms(), running: this.#scheduler.running };
  }

  #enforce(agentId: number, revision: number, sent: readonly SentCheck[]): readonly RefusedCheck[] {
    const { checks, refused: wrong } = readChecks(sent);
    const { ready, refused: unfit } = readyChecks(checks, this.#parts.catalog, this.#parts.runners);
    this.#ready = new Map(
      ready.flatMap((one) => one.check.targets.map(({ target }) => [`${one.check.check}/${target}`, one] as const)),
    );
    const refused = [...wrong, ...unfit].sort((a, b) => a.check - b.check);
    this.#inForce = { revision, hash: assignmentHash(sent), refused };
    this.#duties.set(agentId, checks, processClock.wallMs());
    this.#parts.log.info(
      `the assignment has ${sent.length} checks and ${this.#duties.size} series; ${refused.length} checks are refused`,
    );
    return refused;
  }

  #keptAssignment(): KeptAssignment | null {
    try {
      return readAssignment(this.#folder.file('assignment.json'));
    } catch (error) {
      this.#parts.log.error(`${error instanceof Error ? error.message : error}; the agent waits for the server's`);
      return null;
    }
  }

  async #run(series: Series, request: { at: number; repeated: boolean; signal: AbortSignal }): Promise<boolean> {
    const check = series.plan.check.check;
    const target = series.plan.target.target;
    const ready = this.#ready.get(`${check}/${target}`);
    if (ready === undefined) {
      this.#missed(series, { from: request.at, to: request.at, count: 1, reason: 'policy' });
      return true;
    }
    const follow = this.#uplink?.connected
      ? this.#progress.follower(ready, (line) => this.#uplink?.progress(check, target, request.at, line))
      : null;
    const record = await runCheck({ host: this.#host, clock: processClock, loopDelay: this.#loopDelay }, ready, {
      ...request,
      target,
      follow,
    });
    if (record === null) return false;
    this.#append(record);
    return true;
  }

  #missed(series: Series, missed: Missed): void {
    const { check, target } = series.plan;
    this.#append({ t: 'missed', check: check.check, target: target.target, ...missed });
  }

  #append(record: NewRecord): void {
    this.#spool.append(record, (large) => (large.t === 'run' ? cutToSize(large) : large));
  }

  /** Cancels all runs and waits until their records are durable; a run that does not heed its cancel is left behind. */
  async #stopRuns(): Promise<void> {
    await Promise.race([
      this.#scheduler.stop(),
      new Promise<void>((resolve) => setTimeout(resolve, CANCEL_TIMEOUT_MS).unref()),
    ]);
    if (this.#closing === null) await this.#spool.flushed();
  }

  #close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    await this.#stopRuns();
    this.#loopDelay.stop();
    await this.#spool.close();
    await this.#host.close();
    this.#folder.release();
  }
}

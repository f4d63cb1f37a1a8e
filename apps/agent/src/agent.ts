import { join } from 'node:path';
import type { Catalog } from '@netsonde/probes/catalog';
import { type OpenRunHost, openSystemRunHost, type Runners, stallWatch } from '@netsonde/probes/runtime';
import { parseEnrolmentToken, type SentCheck, seriesTag } from '@netsonde/protocol';
import type { RefusedCheck } from './assignment/ready-checks.ts';
import { type Doable, Work } from './assignment/work.ts';
import { AgentClock } from './clock/agent-clock.ts';
import { redate } from './clock/dated.ts';
import { checkAgentFolder, keepAgentFolder } from './folder/completeness.ts';
import { type DataFolder, takeDataFolder } from './folder/data-folder.ts';
import { keepPrivate } from './folder/private-data.ts';
import { agentCapabilities } from './host/capabilities.ts';
import { processClock } from './host/clock.ts';
import { hostIdentity } from './host/host-identity.ts';
import { describeSystem } from './host/system.ts';
import { openIdentity } from './identity/agent-identity.ts';
import { isOfServer } from './identity/known-server.ts';
import { ServerMemory } from './identity/server-memory.ts';
import type { AgentLog } from './log.ts';
import { AgentOptionError, type AgentOptions } from './options.ts';
import { OwnerRules } from './policy/owner-rules.ts';
import { LoopDelay } from './runs/loop-delay.ts';
import { Progress } from './runs/progress.ts';
import { runCheck } from './runs/run-check.ts';
import { cutToSize, type NewRunRecord } from './runs/run-record.ts';
import { Duties } from './schedule/duties.ts';
import { oneTimer } from './schedule/one-timer.ts';
import { Scheduler, type StartedRun } from './schedule/scheduler.ts';
import { type Missed, piecesOf, type ScheduledSeries } from './schedule/series.ts';
import { Seldom } from './seldom.ts';
import { MAX_FIELD } from './spool/index-entry.ts';
import { defaultLimits, type SpoolLimits } from './spool/limits.ts';
import { type NewRecord, openSpool, type Spool } from './spool/spool.ts';
import { lastAliveIn } from './spool/spool-state.ts';
import { pinsOf } from './uplink/handshake.ts';
import { listening } from './uplink/listening.ts';
import { Uplink } from './uplink/uplink.ts';
import { dialling, type Greeting, type Way } from './uplink/way.ts';

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
  /** Resolves with what to do about it when the agent stops without being asked; with null after `close`. */
  readonly ended: Promise<string | null>;
  /** The address where it listens for its server, as host:port; null where it dials. */
  readonly listens: string | null;
  /**
   * Reads again what can change while the agent runs: the owner's policy and limits, and the files of its certificate.
   */
  reload(): Promise<void>;
  /** Cancels all runs, writes everything to disk and says goodbye, within 5 s. */
  close(): Promise<void>;
}

const CANCEL_TIMEOUT_MS = 2500;

/** Starts an agent. It resumes its assignment at once, with or without the server. @throws Error that says what to do. */
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
  if (folder.weakness !== null) log.warn(folder.weakness);
  const widened = keepPrivate(folder.path);
  if (widened.length > 0)
    log.warn(
      `other users of this host could read ${widened.slice(0, 5).join(', ')}${widened.length > 5 ? ` and ${widened.length - 5} more files` : ''}: they cannot any more`,
    );
  const { lastEpoch, lost } = checkAgentFolder(folder.path);
  for (const one of lost) log.warn(one);
  const identity = openIdentity(folder.path);
  const token = options.token === null ? null : parseEnrolmentToken(options.token);
  if (identity.server === null && token === null)
    throw new AgentOptionError(
      '--token is missing: this agent is not enrolled yet; make a token on the server with "netsonde token create --agent" and give it with --token or NETSONDE_TOKEN',
    );
  if (identity.server !== null && token !== null && !isOfServer(identity.server, token))
    throw new AgentOptionError(
      `--token belongs to another server than the one that ${folder.path} was enrolled with: choose another --data folder`,
    );
  if (options.rotateKey && identity.server !== null) identity.makeNext();
  const spoolFolder = join(folder.path, 'spool');
  const clock = new AgentClock({ file: folder.file('clock.json'), lastAliveMs: lastAliveIn(spoolFolder), log });
  const places = { policyFile: folder.file('policy.json'), budgetFile: folder.file('budget.state') };
  // The owner's limits go by the host's own clock: no server can move it.
  const rules = new OwnerRules({ ...places, flags: options.policy }, processClock, log);
  const { budget } = rules;
  const limits = { ...defaultLimits(folder.path), ...parts.spoolLimits };
  const time = {
    nowMs: clock.wallMs(),
    epochMs: Math.max(clock.epochMs, lastEpoch + 1),
    line: clock.isAnchored ? null : clock.lineStart,
  };
  const spool = await openSpool(spoolFolder, limits, time).catch((error: unknown) => {
    clock.close();
    throw error;
  });
  keepFolder(folder.path, spool.epoch, log);
  const { catalog, runners } = parts;
  const work = new Work(folder.file('assignment.json'), { catalog, runners, rules }, log);
  const host = openSystemRunHost(rules.policy, clock);
  const agent = new Agent(options, parts, { folder, spool, host, rules, work, clock });
  const hostOfFolder = hostIdentity(folder.path);
  const greeting: Greeting = {
    pins: () => pinsOf({ identity, token }),
    introduce: () => ({
      identity,
      token,
      name: options.name,
      labels: options.labels,
      epoch: spool.epoch,
      assignmentHash: work.inForce?.hash ?? null,
      known: memory.known,
      host: hostOfFolder,
      system: describeSystem(),
      capabilities: agentCapabilities(),
    }),
  };
  const memory = new ServerMemory(folder.file('server-memory.json'), (message) => log.warn(message));
  const way = await openWay(options, greeting, log).catch(async (error: unknown) => {
    await spool.close();
    await host.close();
    budget.close();
    clock.close();
    throw error;
  });
  const uplink = new Uplink({
    way,
    identity,
    memory,
    inForce: () => work.inForce,
    assign: (agentId, arrived) => agent.assign(agentId, arrived.revision, arrived.checks),
    load: () => agent.load(),
    spool,
    log,
    clock,
    random: Math.random,
    longestWaitMs: parts.longestWaitMs,
  });
  return agent.start(uplink, way);
}

function keepFolder(folder: string, epoch: number, log: AgentLog): void {
  try {
    keepAgentFolder(folder, epoch);
  } catch (error) {
    log.warn(`folder.json in ${folder} could not be written (${error instanceof Error ? error.message : error})`);
  }
}

async function openWay({ reach, ca }: AgentOptions, greeting: Greeting, log: AgentLog): Promise<Way> {
  return reach.by === 'dialling' ? dialling(reach.server, ca, greeting, log) : listening(reach.listen, greeting, log);
}

/** A record's tag, where its check and target have one. It is the first field, so that the spool can find it fast. */
function tagged({ plan: { check, target } }: ScheduledSeries): { readonly tag?: number } {
  const tag = seriesTag(check.tag, target.tag);
  return tag === undefined ? {} : { tag };
}

/** What an agent holds open on its host. */
interface Holdings {
  readonly folder: DataFolder;
  readonly spool: Spool;
  readonly host: OpenRunHost;
  readonly rules: OwnerRules;
  readonly work: Work;
  readonly clock: AgentClock;
}

/** The parts of a running agent. */
class Agent {
  readonly #parts: AgentParts;
  readonly #holdings: Holdings;
  readonly #spool: Spool;
  readonly #clock: AgentClock;
  readonly #work: Work;
  readonly #loopDelay = new LoopDelay(processClock.monotonicMs, stallWatch);
  readonly #scheduler: Scheduler;
  readonly #duties: Duties;
  readonly #progress = new Progress(processClock.monotonicMs);
  readonly #refusals: Seldom;
  #uplink: Uplink | null = null;
  #closing: Promise<void> | null = null;
  /** By how much the clock moved when it was anchored, ms. */
  #anchoredByMs = 0;

  constructor(options: AgentOptions, parts: AgentParts, holdings: Holdings) {
    const { spool, work, clock } = holdings;
    this.#parts = parts;
    this.#holdings = holdings;
    this.#spool = spool;
    this.#clock = clock;
    this.#work = work;
    this.#refusals = new Seldom((message) => parts.log.warn(message), processClock.monotonicMs);
    this.#scheduler = new Scheduler({
      clock,
      timer: oneTimer(processClock.monotonicMs, (lateMs) => this.#loopDelay.note(lateMs)),
      maxRunning: options.maxRuns,
      run: (series, request) => this.#run(series, request),
      missed: (series, missed) => this.#missed(series, missed),
      gathered: (series) => this.#doable(series)?.check.kernelTimed ?? false,
    });
    const cursors = new Map(spool.cursors.map(([check, target, to]) => [`${check}/${target}`, to]));
    const through = (check: number, target: number) => cursors.get(`${check}/${target}`);
    const life = { startedMs: clock.wallMs(), lastAliveMs: spool.lastAliveMs };
    this.#duties = new Duties(this.#scheduler, clock, through, life);
    this.#keepTime();
  }

  /** The spool learns what time it is, and everything is dated again once the clock is anchored. */
  #keepTime(): void {
    const clock = this.#clock;
    const spool = this.#spool;
    const tell = () => spool.clockIs(clock.wallMs(), clock.leastMs());
    const beganMs = clock.wallMs();
    tell();
    clock.onMoved(tell);
    clock.onRedated((byMs) => this.#duties.redated(byMs));
    if (clock.isAnchored) spool.anchored({ ...clock.lineStart, byMs: 0, startMs: beganMs });
    else
      clock.onAnchored((byMs) => {
        spool.anchored({ ...clock.lineStart, byMs, startMs: beganMs + byMs });
        this.#anchoredByMs = byMs;
        this.#duties.anchored(byMs);
      });
  }

  start(uplink: Uplink, way: Way): RunningAgent {
    this.#uplink = uplink;
    this.#spool.listen({ kept: (records) => uplink.kept(records), warn: (message) => this.#parts.log.warn(message) });
    const kept = this.#work.kept();
    if (kept !== null) this.#enforce(kept.agentId, kept.revision, kept.checks);
    const end = uplink.run().then((given) => given?.reason ?? null);
    const ended = Promise.race([end, this.#spool.died]).then(async (reason) => {
      if (reason !== null) {
        await uplink.close();
        await this.#close();
      }
      return reason;
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
      listens: uplink.listens,
      reload: async () => {
        this.#holdings.rules.reload();
        this.#work.again();
        await way.reload();
      },
      close() {
        closing ??= close();
        return closing;
      },
    };
  }

  /** Activates an assignment once it is durable; also where the disk cannot store it. */
  assign(agentId: number, revision: number, checks: readonly SentCheck[]): readonly RefusedCheck[] {
    this.#work.keep(agentId, revision, checks);
    this.#enforce(agentId, revision, checks);
    return this.#work.inForce?.refused ?? [];
  }

  load(): { loopDelayP99Ms: number | null; running: number } {
    return { loopDelayP99Ms: this.#loopDelay.takeP99Ms(), running: this.#scheduler.running };
  }

  #enforce(agentId: number, revision: number, sent: readonly SentCheck[]): void {
    this.#duties.set(agentId, this.#work.enforce(revision, sent), this.#clock.wallMs());
    this.#spool.assigned(sent.map(({ check }) => check));
  }

  async #run(series: ScheduledSeries, request: StartedRun): Promise<boolean> {
    const check = series.plan.check.check;
    const target = series.plan.target.target;
    const { isAnchored } = this.#clock;
    const doable = this.#doable(series);
    const refusal = doable === undefined ? 'policy' : this.#overBudget(doable);
    if (doable === undefined || refusal !== null) {
      const reason = refusal ?? 'policy';
      if (!request.repeated) this.#missed(series, { from: request.at, to: request.at, count: 1, reason });
      return true;
    }
    const follow = this.#uplink?.connected
      ? this.#progress.follower(doable.check, (line) => this.#uplink?.progress(check, target, request.at, line))
      : null;
    const record = await runCheck(
      { host: this.#holdings.host, clock: this.#clock, loopDelay: this.#loopDelay },
      doable.check,
      { at: request.at, repeated: request.repeated, stop: request.stop, target, follow },
    );
    if (record === null) return false;
    const named = { ...tagged(series), ...record };
    if (isAnchored) this.#append(named);
    else this.#appendUnanchored(named, series);
    return true;
  }

  /** A run that began by a clock that was not anchored. It may be by now. */
  #appendUnanchored(record: NewRunRecord, { plan: { grid } }: ScheduledSeries): void {
    const onGrid = { ...record, grid: { intervalMs: grid.intervalMs, phaseMs: grid.phaseMs } };
    const { isAnchored } = this.#clock;
    this.#append(isAnchored ? redate(onGrid, { shiftMs: this.#anchoredByMs, unsure: false }) : onGrid);
  }

  #doable({ plan: { check, target } }: ScheduledSeries): Doable | undefined {
    return this.#work.doable(check.check, target.target);
  }

  #overBudget({ cost }: Doable): 'budget' | null {
    const refusal = this.#holdings.rules.budget.refusal(cost);
    if (refusal === null) return null;
    this.#refusals.say(`runs are missed: ${refusal}`);
    return 'budget';
  }

  #missed(series: ScheduledSeries, missed: Missed): void {
    const { check, target, grid } = series.plan;
    const { intervalMs, phaseMs } = grid;
    const onGrid = this.#clock.isAnchored ? {} : { grid: { intervalMs, phaseMs } };
    for (const piece of piecesOf(missed, intervalMs, MAX_FIELD))
      this.#append({ ...tagged(series), t: 'missed', check: check.check, target: target.target, ...piece, ...onGrid });
  }

  #append(record: NewRecord): void {
    this.#spool.append(record, (large) => (large.t === 'run' ? cutToSize(large) : large));
  }

  /** Cancels all runs and waits until their records are durable. It does not wait for a run that ignores its cancel. */
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
    this.#clock.close();
    await this.#holdings.host.close();
    this.#closeBudget();
    this.#holdings.folder.release();
  }

  #closeBudget(): void {
    try {
      this.#holdings.rules.budget.close();
    } catch (error) {
      this.#parts.log.warn(
        `what is left of the owner's limits could not be written down (${String(error)}): the next start takes it as spent`,
      );
    }
  }
}

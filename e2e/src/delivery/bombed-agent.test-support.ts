import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Bomb, ServiceFacts } from '@netsonde/lab';
import { type Catalog, catalog, type ProbeDescriptor } from '@netsonde/probes/catalog';
import type { AssignedCheck, RunRecord } from '@netsonde/protocol';
import { onTestFinished } from 'vitest';
import type { AgentProcess } from './agent-process.ts';
import { pause, until } from './ground.ts';
import type { Meeting } from './meeting.test-support.ts';

const LAB = new URL('../../../packages/lab/dist/services/main.js', import.meta.url).pathname;
const NEIGHBOUR_TARGETS = 3;
const NEIGHBOUR_INTERVAL_MS = 200;
const BOMB_INTERVAL_MS = 1000;
/** Time for the neighbours' first results, ms. */
const SETTLING_MS = 3000;

/** A real agent in its own process, with checks beside the bombs that it is given to measure. */
export interface BombedAgent {
  readonly agent: AgentProcess;
  /** The checks that have nothing to do with bombs. */
  readonly neighbours: readonly AssignedCheck[];
  /**
   * Gives the agent checks against these bombs, and waits for the first result of each.
   * @param changes options of checks other than dns
   */
  explode(bombs: readonly Bomb[], changes?: Readonly<Record<string, unknown>>): Promise<readonly Exploded[]>;
  /** Gives the agent the checks, and waits until each has connected to its bomb. */
  light(bombs: readonly Bomb[]): Promise<void>;
  /** The agent's resident memory now, bytes. */
  resident(): number;
  /** The most resident memory since the call before, bytes. */
  takePeak(): number;
}

/** How a run against a bomb ended. */
export interface Exploded {
  readonly run: RunRecord;
  /** When the run must have ended, ms after its start. */
  readonly deadlineMs: number;
}

/** @param bombs those that the test will use */
export async function startBombedAgent(here: Meeting, bombs: readonly Bomb[]): Promise<BombedAgent> {
  const facts = await startBombs(bombs);
  const neighbours = [here.ground.check(1, NEIGHBOUR_INTERVAL_MS, NEIGHBOUR_TARGETS, Date.now())];
  here.server.assign(neighbours);
  const agent = await here.startProcess({ token: await here.server.token() });
  await here.online();
  await until('the neighbours are measured', () => here.ground.kept.runs.length > NEIGHBOUR_TARGETS);
  await pause(SETTLING_MS);
  let nextCheck = 2;
  const assign = (lit: readonly Bomb[], changes = {}): readonly AssignedCheck[] => {
    const checks = lit.map((bomb) => checkOf(nextCheck++, bomb, facts.get(bomb.name), changes));
    here.server.assign([...neighbours, ...checks]);
    return checks;
  };
  return {
    agent,
    neighbours,
    async explode(lit, changes) {
      const checks = assign(lit, changes);
      const resultOf = ({ check }: AssignedCheck) => here.ground.kept.runs.find((run) => run.check === check);
      await until('each bomb has a result', () => checks.every((check) => resultOf(check) !== undefined), 120_000);
      here.server.assign(neighbours);
      return checks.flatMap((check) => {
        const run = resultOf(check);
        return run === undefined ? [] : [{ run, deadlineMs: deadlineOf(check) }];
      });
    },
    async light(lit) {
      const checks = assign(lit);
      await pause(2 * BOMB_INTERVAL_MS);
      if (checks.length === 0) throw new Error('there is nothing to light');
    },
    resident: () => memoryOf(agent, 'VmRSS'),
    takePeak() {
      const peak = memoryOf(agent, 'VmHWM');
      writeFileSync(`/proc/${agent.child.pid}/clear_refs`, '5');
      return peak;
    },
  };
}

function deadlineOf({ probe, options }: AssignedCheck): number {
  const descriptor: ProbeDescriptor | undefined = (catalog as Catalog)[probe];
  return descriptor === undefined ? 0 : 1000 * descriptor.cost(descriptor.options.parse(options)).seconds;
}

/** A figure of the process and all its threads, bytes. Source: proc_pid_status(5) */
function memoryOf(agent: AgentProcess, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${agent.child.pid}/status`, 'utf8');
  return 1024 * Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)?.[1]);
}

function checkOf(check: number, bomb: Bomb, facts: ServiceFacts | undefined, changes: object): AssignedCheck {
  const at = `127.0.0.1:${facts?.port}`;
  const { probe, transport } = bomb;
  const resolver = transport === 'https' ? `https://${at}/dns-query` : at;
  const ca = facts?.rootPem === undefined ? {} : { ca: facts.rootPem };
  const options = {
    ...bomb.options,
    ...(probe === 'dns' ? {} : changes),
    ...(probe === 'dns' ? { resolver } : {}),
    ...ca,
  };
  const address = probe === 'dns' ? 'one.lab.test' : probe === 'http' ? `http://${at}/` : at;
  return {
    check,
    test: check,
    probe,
    options: catalog[probe].options.parse(options) as AssignedCheck['options'],
    expectations: [],
    intervalMs: BOMB_INTERVAL_MS,
    startMs: Date.now(),
    endMs: null,
    targets: [{ target: 1, address }],
  };
}

/** Starts bombs in their own process, which ends with the test. Their facts by name. */
async function startBombs(bombs: readonly Bomb[]): Promise<ReadonlyMap<string, ServiceFacts>> {
  const configs = bombs.map(({ name }) => ({ kind: 'bomb', bomb: name }));
  const child = spawn(process.execPath, [LAB, JSON.stringify(configs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { facts } = JSON.parse(String(line)) as { readonly facts: readonly ServiceFacts[] };
  return new Map(bombs.map(({ name }, at) => [name, facts[at] as ServiceFacts]));
}

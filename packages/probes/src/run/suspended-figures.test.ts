import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServiceConfig, ServiceFacts } from '@netsonde/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Execution } from './execute.ts';
import { suspendedInHost } from './run-in-host.test-support.ts';
import { startServiceProcess } from './service-process.test-support.ts';

/** Longer than the timeout of the run. */
const SUSPENDED_MS = 4000;
const TIMEOUT_S = 3;
/** From the start of the run to the suspension: the request is in flight, and its answer is not. */
const MOMENT_MS = 300;
const ANSWER_MS = 1200;

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing.splice(0)) close();
});

/** Whether a process is stopped, by its state in proc(5). */
function isStopped(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.startsWith('T') ?? false;
  } catch {
    return false;
  }
}

/** This host; it resumes a process that suspends itself after a while. */
const suspending: Parameters<typeof suspendedInHost>[0] = {
  async exec(program, args) {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      output.stdout += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      output.stderr += String(chunk);
    });
    const watching = setInterval(() => {
      if (!isStopped(child.pid ?? 0)) return;
      clearInterval(watching);
      setTimeout(() => child.kill('SIGCONT'), SUSPENDED_MS);
    }, 20);
    closing.push(() => child.kill('SIGKILL'));
    const [code] = (await once(child, 'close')) as [number | null];
    clearInterval(watching);
    return { code, ...output };
  },
};

interface Case {
  readonly name: string;
  readonly probe: string;
  readonly service: ServiceConfig | null;
  readonly target: (facts: ServiceFacts) => string;
  readonly options?: (facts: ServiceFacts) => Readonly<Record<string, unknown>>;
  /** The kernel timed them: they are measured, and far shorter than the suspension. */
  readonly measured: readonly string[];
  /** The process timed them: they are absent if the suspension fell into their phase, as it does on a quick host. */
  readonly stalled: readonly string[];
}

const at = ({ port }: ServiceFacts) => `127.0.0.1:${port}`;
const records = [{ type: 'A', ttl: 60, data: '192.0.2.1' }] as const;
const resolver: ServiceConfig = { kind: 'dns', zone: { 'x.test': { records, delayMs: ANSWER_MS } } };
const RTTS = ['rtt_min_ms', 'rtt_avg_ms', 'rtt_max_ms'];

const cases: readonly Case[] = [
  {
    name: 'icmp',
    probe: 'icmp',
    service: null,
    target: () => '127.0.0.1',
    options: () => ({ count: 6, intervalSeconds: 0.2 }),
    measured: RTTS,
    stalled: [],
  },
  {
    name: 'udp',
    probe: 'udp',
    service: { kind: 'udp_echo', delayMs: ANSWER_MS },
    target: at,
    options: () => ({ count: 2, intervalSeconds: 0.01 }),
    measured: RTTS,
    stalled: [],
  },
  {
    name: 'ntp',
    probe: 'ntp',
    service: { kind: 'ntp', processingMs: ANSWER_MS },
    target: at,
    options: () => ({ count: 1 }),
    measured: ['delay_ms', 'offset_ms'],
    stalled: [],
  },
  {
    name: 'dns over udp',
    probe: 'dns',
    service: resolver,
    target: () => 'x.test',
    options: (facts) => ({ resolver: at(facts), transport: 'udp' }),
    measured: ['resolution_time_ms'],
    stalled: [],
  },
  {
    name: 'dns over tcp',
    probe: 'dns',
    service: resolver,
    target: () => 'x.test',
    options: (facts) => ({ resolver: at(facts), transport: 'tcp' }),
    measured: [],
    stalled: ['resolution_time_ms'],
  },
  {
    name: 'tcp echo',
    probe: 'tcp',
    service: { kind: 'tcp_echo', delayMs: ANSWER_MS },
    target: at,
    options: () => ({ echo: 'text' }),
    measured: ['connect_time_ms', 'srtt_ms'],
    stalled: ['echo_rtt_ms'],
  },
  {
    name: 'http',
    probe: 'http',
    service: { kind: 'http', behaviour: { delayMs: ANSWER_MS } },
    target: (facts) => `http://${at(facts)}/`,
    measured: [],
    stalled: ['ttfb_ms', 'total_time_ms'],
  },
  {
    name: 'tls',
    probe: 'tls',
    service: { kind: 'tls', maxVersion: 'TLSv1.2', handshakeDelayMs: ANSWER_MS },
    target: at,
    options: ({ rootPem = '' }) => ({ ca: rootPem, minDaysLeft: 0, servername: 'localhost' }),
    measured: [],
    stalled: ['handshake_time_ms'],
  },
];

async function suspendedRun(probe: Case): Promise<Execution> {
  const facts = probe.service === null ? null : await startServiceProcess(probe.service);
  const given = facts ?? ({} as ServiceFacts);
  const options = { timeoutSeconds: TIMEOUT_S, ...probe.options?.(given) };
  return suspendedInHost(suspending, probe.probe, probe.target(given), { options, suspendAfterMs: MOMENT_MS });
}

describe('a run of a process that is suspended for longer than its timeout', () => {
  const executions = new Map<string, Execution>();
  // Run in parallel, since all of them mostly wait.
  beforeAll(async () => {
    const run = async (probe: Case) => executions.set(probe.name, await suspendedRun(probe));
    await Promise.all(cases.map(run));
  }, 60_000);

  test.each(cases)(
    'over $name keeps what the kernel timed, and of the rest only figures without the suspension',
    (probe) => {
      const execution = executions.get(probe.name);
      if (execution === undefined) throw new Error('it did not run');
      const { outcome, stalledMs } = execution;
      const log = JSON.stringify(execution);
      expect(outcome.verdict, log).toBe('up');
      expect(stalledMs, log).toBeGreaterThan(SUSPENDED_MS / 2);
      for (const id of probe.measured) expect(Math.abs(Number(outcome.metrics[id])), id).toBeLessThan(SUSPENDED_MS / 2);
      for (const id of probe.stalled)
        if (outcome.absent[id] !== 'stalled') expect(outcome.metrics[id], `${id}: ${log}`).toBeLessThan(SUSPENDED_MS);
    },
  );
});

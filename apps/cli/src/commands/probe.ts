import {
  type Catalog,
  type Outcome,
  type ProbeDescriptor,
  parseTarget,
  type Target,
  TargetError,
} from '@netsonde/probes/catalog';
import type { Runner, Runners, TargetPolicy } from '@netsonde/probes/runtime';
import { Command } from 'commander';
import { flagsOf, parseOptions } from '../probe/flags.ts';
import { jsonReport, readableReport } from '../probe/report.ts';
import { EXIT, type Terminal, UsageError } from '../terminal.ts';

export interface ProbeParts {
  readonly catalog: Catalog;
  loadRunners(): Promise<Runners>;
  readonly terminal: Terminal;
  exit(code: number): void;
}

/** `netsonde probe <type> <target>`: one local run without any server. */
export function probeCommand(parts: ProbeParts): Command {
  const command = new Command('probe').description('measure once from this host, without any server');
  for (const probe of Object.values(parts.catalog)) command.addCommand(commandOf(probe, parts));
  return command;
}

function commandOf(probe: ProbeDescriptor, parts: ProbeParts): Command {
  const command = new Command(probe.id)
    .description(probe.summary)
    .argument('<target>', targetHelp(probe))
    .option('--json', 'print one JSON object on stdout');
  for (const flag of flagsOf(probe.options)) command.addOption(flag);
  return command.action(async (text: string, { json, ...given }: Record<string, unknown>) => {
    const target = readTarget(probe, text);
    const options = parseOptions(probe.options, given);
    const runner = (await parts.loadRunners())[probe.id];
    if (runner === undefined) throw new UsageError(`probe ${probe.id} cannot run on this host`);
    parts.exit(await measure(parts, probe, runner, target, options, json === true));
  });
}

function targetHelp({ target }: ProbeDescriptor): string {
  return target.form === 'host[:port]' ? `host[:port], port ${target.defaultPort} by default` : target.form;
}

function readTarget(probe: ProbeDescriptor, text: string): Target {
  try {
    return parseTarget(probe.target, text);
  } catch (error) {
    if (error instanceof TargetError) throw new UsageError(error.message);
    throw error;
  }
}

/** Whoever types the command owns this host and decides what it may measure. */
const OWNER_DECIDES: TargetPolicy = Object.freeze({ refusal: () => null });

async function measure(
  { terminal }: ProbeParts,
  probe: ProbeDescriptor,
  runner: Runner,
  target: Target,
  options: Record<string, unknown>,
  json: boolean,
): Promise<number> {
  const { execute, openSystemRunHost } = await import('@netsonde/probes/runtime');
  const host = openSystemRunHost(OWNER_DECIDES);
  try {
    const follow = terminal.interactive && !json;
    const { outcome, log } = await execute(host, probe, runner, target, options, {
      signal: terminal.signal,
      ...(follow ? { onObservation: (observation) => showProgress(terminal, runner.describe(observation)) } : {}),
    });
    if (follow) terminal.err('\r\x1b[K');
    terminal.out(`${json ? jsonReport(probe, target, outcome, log) : readableReport(probe, target, outcome, log)}\n`);
    return codeOf(outcome);
  } finally {
    await host.close();
  }
}

function showProgress(terminal: Terminal, line: string | null): void {
  if (line !== null) terminal.err(`\r\x1b[K${line}`);
}

function codeOf({ verdict }: Outcome): number {
  if (verdict === 'up') return EXIT.up;
  return verdict === 'unknown' ? EXIT.unknown : EXIT.notUp;
}

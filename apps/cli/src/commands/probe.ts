import {
  type Catalog,
  type Outcome,
  type ProbeDescriptor,
  parseTarget,
  type Target,
  TargetError,
} from '@netsonde/probes/catalog';
import type { Runners, TargetPolicy } from '@netsonde/probes/runtime';
import { Command } from 'commander';
import { failureText } from '../own-failure.ts';
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
    parts.exit(
      await measure(parts, probe, target, options, json === true).catch((error: unknown) =>
        failedItself(parts.terminal, target, error),
      ),
    );
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

/** The user of the command owns this host and decides what it may measure. */
const OWNER_DECIDES: TargetPolicy = Object.freeze({ refusal: () => null });

async function measure(
  { terminal, loadRunners }: ProbeParts,
  probe: ProbeDescriptor,
  target: Target,
  options: Record<string, unknown>,
  json: boolean,
): Promise<number> {
  const runner = (await loadRunners())[probe.id];
  if (runner === undefined) throw new UsageError(`probe ${probe.id} cannot run on this host`);
  const { execute, openSystemRunHost, RunStop } = await import('@netsonde/probes/runtime');
  const host = openSystemRunHost(OWNER_DECIDES);
  const stop = new RunStop();
  const cancel = () => stop.abort();
  terminal.signal.addEventListener('abort', cancel);
  if (terminal.signal.aborted) cancel();
  try {
    const follow = terminal.interactive && !json;
    const { outcome, log } = await execute(host, probe, runner, target, options, {
      stop,
      ...(follow ? { onObservation: (observation) => showProgress(terminal, runner.describe(observation)) } : {}),
    });
    if (follow) terminal.err('\r\x1b[K');
    terminal.out(`${json ? jsonReport(probe, target, outcome, log) : readableReport(probe, target, outcome, log)}\n`);
    return codeOf(outcome);
  } finally {
    terminal.signal.removeEventListener('abort', cancel);
    await host.close();
  }
}

/** A failure of this program is no verdict on the target, neither up nor down. @throws UsageError unchanged */
function failedItself(terminal: Terminal, { text }: Target, error: unknown): number {
  if (error instanceof UsageError) throw error;
  terminal.err(`${failureText(error, process.env, `nothing is known of ${text}: `)}\n`);
  return EXIT.unknown;
}

function showProgress(terminal: Terminal, line: string | null): void {
  if (line !== null) terminal.err(`\r\x1b[K${line}`);
}

function codeOf({ verdict }: Outcome): number {
  if (verdict === 'up') return EXIT.up;
  return verdict === 'unknown' ? EXIT.unknown : EXIT.notUp;
}

import type { Catalog, ProbeDescriptor } from '@netsonde/probes/catalog';
import type { AgentCapability } from '@netsonde/protocol';
import { kernelClock } from '@netsonde/sockets/host';
import { Command } from 'commander';
import { withAgentUsage } from '../agent-usage.ts';
import { checkServer } from '../doctor/server-check.ts';
import { EXIT, type Terminal } from '../terminal.ts';

interface DoctorParts {
  readonly catalog: Catalog;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  exit(code: number): void;
}

/**
 * `netsonde doctor`: what this host can measure, what it cannot, why, and how to fix that. Also whether the server can
 * be reached.
 */
export function doctorCommand({ catalog, env, terminal, exit }: DoctorParts): Command {
  return new Command('doctor')
    .description('show what this host can measure, what it cannot, and how to fix that')
    .option('--server <url>', 'also look at this server, as an agent would: reachable? clock right? (NETSONDE_SERVER)')
    .option('--ca <file>', 'certificate authorities in PEM that the server’s certificate may come from (NETSONDE_CA)')
    .option('--json', 'print one JSON object on stdout')
    .action(async ({ json, ...flags }: { server?: string; ca?: string; json?: boolean }) => {
      const { agentCapabilities, serverPlaceFrom } = await import('@netsonde/agent');
      const place = await withAgentUsage(() => serverPlaceFrom(env, flags));
      const capabilities = agentCapabilities();
      const probes = Object.values(catalog).map((probe) => ({
        probe: probe.id,
        missing: missingFor(probe, capabilities),
      }));
      const reached = place === null ? null : await checkServer(place);
      if (json === true)
        terminal.out(
          `${JSON.stringify({ node: process.versions.node, clock: kernelClock(), probes, capabilities, server: reached })}\n`,
        );
      else terminal.out(report(catalog, capabilities, probes, reached));
      const well = probes.every(({ missing }) => missing.length === 0) && (reached === null || reached.ok);
      exit(well ? EXIT.up : EXIT.notUp);
    });
}

/** The capabilities that a probe needs and this host lacks; empty: the probe can run. */
function missingFor({ needs }: ProbeDescriptor, capabilities: readonly AgentCapability[]): readonly string[] {
  const has = (id: string) => capabilities.some((capability) => capability.id === id && capability.available);
  return needs.filter((anyOf) => !anyOf.some(has)).map((anyOf) => anyOf.join(' or '));
}

type Reached = Awaited<ReturnType<typeof checkServer>>;

function report(
  catalog: Catalog,
  capabilities: readonly AgentCapability[],
  probes: readonly { probe: string; missing: readonly string[] }[],
  reached: Reached | null,
): string {
  const lines = [`Node ${process.versions.node} on ${process.platform} ${process.arch}`, '', 'Probes'];
  for (const { probe, missing } of probes)
    lines.push(
      mark(
        missing.length === 0,
        `${probe.padEnd(8)} ${missing.length === 0 ? (catalog[probe]?.summary ?? '') : `needs ${missing.join(', ')}`}`,
      ),
    );
  lines.push('', 'Clock', clockText());
  lines.push('', 'What they rest on');
  for (const { id, available, note, mend: fix } of capabilities) {
    lines.push(mark(available, `${id.padEnd(18)} ${note}`));
    if (!available && fix !== undefined) lines.push(`      fix it with: ${fix}`);
  }
  if (reached !== null) lines.push('', 'Server', ...reached.lines.map(({ ok, text }) => mark(ok, text)));
  return `${lines.join('\n')}\n`;
}

/** Whether a time service keeps this host's clock in step. */
function clockText(): string {
  const kernel = kernelClock();
  if (kernel === null) return mark(true, 'the host does not say whether a time service keeps its clock in step');
  if (kernel.synchronised)
    return mark(true, `in step with a time service, at most ${Math.ceil(kernel.errorMs)} ms off`);
  return `${mark(false, 'no time service keeps it in step: agent and server go by each other and by what they knew')}\n      fix it with: timedatectl set-ntp true`;
}

const mark = (ok: boolean, text: string): string => `  ${ok ? 'yes' : 'NO '}  ${text}`;

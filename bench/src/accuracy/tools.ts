import { fileURLToPath } from 'node:url';
import type { Host } from '@netsonde/lab';

/** A train of echoes that each tool sends. */
export interface Train {
  readonly target: string;
  readonly count: number;
  readonly intervalMs: number;
}

/** A tool's report: one RTT for each echo in sending order, ms, null for lost. */
export type Report = readonly (number | null)[];

/** A tool that pings. */
export interface Tool {
  readonly name: string;
  measure(host: Host, train: Train): Promise<Report>;
}

const NETSONDE = fileURLToPath(new URL('../../../apps/cli/bin/netsonde.js', import.meta.url));

async function textOf(host: Host, program: string, args: readonly string[], from: 'stdout' | 'stderr') {
  const finished = await host.exec(program, args);
  if (finished[from] === '') throw new Error(`${program} ${args.join(' ')}: ${finished.stdout}${finished.stderr}`);
  return finished[from];
}

/** `netsonde probe icmp`, as users run it. */
export const netsonde: Tool = {
  name: 'netsonde',
  async measure(host, { target, count, intervalMs }) {
    const flags = ['--count', String(count), '--interval', String(intervalMs / 1000), '--timeout', '1', '--json'];
    const text = await textOf(host, process.execPath, [NETSONDE, 'probe', 'icmp', target, ...flags], 'stdout');
    const { timestamps, detail } = JSON.parse(text) as { timestamps: string; detail: { rtts: (number | null)[] } };
    if (timestamps !== 'kernel') throw new Error(`netsonde stamped by ${timestamps}: ${text}`);
    return detail.rtts;
  },
};

/** fping, whose report has three digits. */
export const fping: Tool = {
  name: 'fping',
  async measure(host, { target, count, intervalMs }) {
    const args = ['-q', '-C', String(count), '-p', String(intervalMs), '-i', '1', '-t', '1000', target];
    const text = await textOf(host, 'fping', args, 'stderr');
    const answers = text.trim().split(' : ').at(-1)?.split(/ +/) ?? [];
    return answers.map((answer) => (answer === '-' ? null : Number(answer)));
  },
};

/** The system's ping, whose report has three digits. */
export const ping: Tool = {
  name: 'ping',
  async measure(host, { target, count, intervalMs }) {
    const args = ['-n', '-c', String(count), '-i', String(intervalMs / 1000), '-W', '1', target];
    const text = await textOf(host, 'ping', args, 'stdout');
    const rtts = new Map<number, number>();
    for (const [, sequence, time] of text.matchAll(/icmp_seq=(\d+).*time=([\d.]+)/g))
      if (!rtts.has(Number(sequence))) rtts.set(Number(sequence), Number(time));
    return Array.from({ length: count }, (_, index) => rtts.get(index + 1) ?? null);
  },
};

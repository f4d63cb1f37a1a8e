import type { Lab } from './lab.ts';

/** The report of the system's `ping`, to compare with the lab's records. */
export interface PingReport {
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  /** Sequence numbers in order of arrival, without duplicates. */
  readonly sequences: readonly number[];
  /** ms, by line. */
  readonly rtts: readonly number[];
  readonly text: string;
}

/** Runs `ping` on the measuring host and reads its report. */
export async function ping(lab: Lab, target: string, count: number, ...more: string[]): Promise<PingReport> {
  const args = ['-n', '-c', String(count), '-i', '0.005', '-W', '1', ...more, target];
  const { stdout, stderr } = await lab.measuring.exec('ping', args);
  const lines = stdout.split('\n').filter((line) => line.includes(' bytes from '));
  const replies = lines.filter((line) => !line.includes('(DUP!)'));
  const number = (pattern: RegExp, line: string): number => Number(pattern.exec(line)?.[1]);
  return {
    sent: number(/(\d+) packets transmitted/, stdout),
    received: number(/(\d+) received/, stdout),
    duplicates: lines.length - replies.length,
    sequences: replies.map((line) => number(/icmp_seq=(\d+)/, line)),
    rtts: replies.map((line) => number(/time=([\d.]+)/, line)),
    text: stdout + stderr,
  };
}

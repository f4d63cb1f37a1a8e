import type { EchoRequest } from '../echo/types.ts';
import type { IpFamily } from '../kernel/ip-address.ts';
import type { PingDialect } from './parse-ping-output.ts';

/** A program and its operands, to be started without a shell. */
export interface PingCommand {
  readonly program: string;
  readonly operands: readonly string[];
  /** The parts of the request that this program does not support, in words; empty if it supports all. */
  readonly ignored: readonly string[];
}

/** The kind of `ping` of a platform (`process.platform`). */
export function dialectOf(platform: string): PingDialect {
  if (platform === 'win32') return 'windows';
  return platform === 'darwin' ? 'macos' : 'iputils';
}

/**
 * The command for a request whose address was checked to be a literal, which therefore never begins with a dash.
 * Where the program knows `--`, the address comes after it all the same.
 */
export function pingCommand(request: EchoRequest, family: IpFamily, dialect: PingDialect): PingCommand {
  switch (dialect) {
    case 'iputils':
      return iputils(request, family);
    case 'macos':
      return family === 4 ? macos(request) : macos6(request);
    case 'windows':
      return windows(request, family);
  }
}

function iputils(
  { address, count, intervalMs, timeoutMs, sizeBytes, dscp, ttl }: EchoRequest,
  family: IpFamily,
): PingCommand {
  const operands = [
    '-n',
    `-${family}`,
    '-c',
    `${count}`,
    '-i',
    seconds(intervalMs),
    '-W',
    seconds(timeoutMs),
    '-s',
    `${sizeBytes}`,
  ];
  if (dscp !== undefined) operands.push('-Q', `${dscp << 2}`);
  if (ttl !== undefined) operands.push('-t', `${ttl}`);
  return { program: 'ping', operands: [...operands, '--', address], ignored: [] };
}

function macos({ address, count, intervalMs, timeoutMs, sizeBytes, dscp, ttl }: EchoRequest): PingCommand {
  const operands = [
    '-n',
    '-c',
    `${count}`,
    '-i',
    seconds(intervalMs),
    '-W',
    `${Math.ceil(timeoutMs)}`,
    '-s',
    `${sizeBytes}`,
  ];
  if (dscp !== undefined) operands.push('-z', `${dscp << 2}`);
  if (ttl !== undefined) operands.push('-m', `${ttl}`);
  return { program: '/sbin/ping', operands: [...operands, '--', address], ignored: [] };
}

function macos6({ address, count, intervalMs, sizeBytes, dscp, ttl }: EchoRequest): PingCommand {
  const operands = ['-n', '-c', `${count}`, '-i', seconds(intervalMs), '-s', `${sizeBytes}`];
  if (ttl !== undefined) operands.push('-h', `${ttl}`);
  return {
    program: '/sbin/ping6',
    operands: [...operands, '--', address],
    ignored: dscp === undefined ? [] : ['dscp'],
  };
}

function windows(
  { address, count, intervalMs, timeoutMs, sizeBytes, dscp, ttl }: EchoRequest,
  family: IpFamily,
): PingCommand {
  const operands = [`-${family}`, '-n', `${count}`, '-w', `${Math.ceil(timeoutMs)}`, '-l', `${sizeBytes}`];
  if (ttl !== undefined) operands.push('-i', `${ttl}`);
  const ignored = [...(dscp === undefined ? [] : ['dscp']), ...(intervalMs === 1000 ? [] : ['intervalMs'])];
  return { program: 'ping', operands: [...operands, address], ignored };
}

function seconds(ms: number): string {
  return String(ms / 1000);
}

import { DEVICE } from '../emulator/messages.ts';
import { type Capture, startCapture } from './capture.ts';
import { type Lab, type LabOptions, openLab } from './lab.ts';
import type { CapturedPacket } from './pcap.ts';
import type { TruthRecord } from './truth-record.ts';

/** Difference between a packet's true delay and the delay that the path asked for. All times in microseconds. */
export interface OwnError {
  readonly packets: number;
  /** Wire to wire: captured at the receiver's device minus captured at the sender's, minus the requested delay. */
  readonly wire: Spread;
  /** The part of it before the emulator has read the packet. */
  readonly taking: Spread;
  /** The part of it from releasing a packet late. */
  readonly releasing: Spread;
}

/** Quantiles, us. */
export interface Spread {
  readonly min: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Sends echoes through a lab, captures at both ends and compares. */
export async function measureOwnError(options: LabOptions, echoes = 300, intervalMs = 13): Promise<OwnError> {
  await using lab = await openLab(options);
  const captures = await Promise.all([lab.capture('icmp'), startCapture(lab.services, DEVICE)]);
  await warmUp(lab, 50);
  const before = (await lab.truth()).length;
  await ping(lab, echoes, intervalMs / 1000);
  await lab.settle();
  const truth = (await lab.truth()).slice(before);
  return compare(truth, await Promise.all(captures.map((capture: Capture) => capture.stop())));
}

async function warmUp(lab: Lab, echoes: number): Promise<void> {
  await ping(lab, echoes, 0.002);
  await lab.settle();
}

async function ping(lab: Lab, count: number, intervalS: number): Promise<void> {
  await lab.measuring.exec('ping', ['-n', '-q', '-c', String(count), '-i', String(intervalS), lab.services.address4]);
}

function compare(truth: readonly TruthRecord[], [near = [], far = []]: readonly CapturedPacket[][]): OwnError {
  const sides = { near: stampsOf(near), far: stampsOf(far) };
  const wire: number[] = [];
  const taking: number[] = [];
  const releasing: number[] = [];
  for (const record of truth) {
    if (record.fate !== 'forwarded' || record.copy > 0 || record.origin !== 'host') continue;
    const key = `${record.icmpType} ${record.sourceId} ${record.destinationId}`;
    const isForward = record.direction === 'forward';
    const left = (isForward ? sides.near : sides.far).get(key);
    const arrived = (isForward ? sides.far : sides.near).get(key);
    if (left === undefined || arrived === undefined) continue;
    wire.push(Number(arrived - left) - record.requestedDelayNs);
    taking.push(Number(record.readAtNs - left));
    releasing.push(Number(record.writtenAtNs - record.readAtNs) - record.requestedDelayNs);
  }
  return { packets: wire.length, wire: spread(wire), taking: spread(taking), releasing: spread(releasing) };
}

function stampsOf(packets: readonly CapturedPacket[]): Map<string, bigint> {
  return new Map(
    packets.map(({ atNs, identity }) => [`${identity.icmpType} ${identity.sourceId} ${identity.destinationId}`, atNs]),
  );
}

function spread(valuesNs: readonly number[]): Spread {
  const sorted = valuesNs.toSorted((left, right) => left - right);
  const at = (share: number): number =>
    Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN) / 10) / 100;
  return { min: at(1 / sorted.length), p50: at(0.5), p99: at(0.99), max: at(1) };
}

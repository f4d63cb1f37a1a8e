import { type IpAddress, parseIpAddress } from '../kernel/ip-address.ts';
import { ADDRESS_BYTES, REQUEST, type SubmitMessage } from './boundary.ts';
import { MAX_SIZE_BYTES } from './request-packet.ts';
import type { EchoRequest } from './types.ts';

/** A request that was checked, with its address parsed. */
export interface CheckedRequest {
  readonly request: EchoRequest;
  readonly address: IpAddress;
}

/** Most echoes in one train: each holds one of the socket's 16-bit sequence numbers while in flight. */
export const MAX_COUNT = 65_000;

/**
 * Checks a request.
 * @throws RangeError naming the field
 */
export function checkRequest(request: EchoRequest): CheckedRequest {
  within('count', request.count, 1, MAX_COUNT, true);
  within('intervalMs', request.intervalMs, 0, 86_400_000, false);
  within('timeoutMs', request.timeoutMs, 0.001, 3_600_000, false);
  within('sizeBytes', request.sizeBytes, 0, MAX_SIZE_BYTES, true);
  if (request.dscp !== undefined) within('dscp', request.dscp, 0, 63, true);
  if (request.ttl !== undefined) within('ttl', request.ttl, 1, 255, true);
  if (request.lingerMs !== undefined) within('lingerMs', request.lingerMs, 0, 3_600_000, false);
  const address = parseIpAddress(request.address);
  if (!isUnicast(address)) throw new RangeError(`address must be a unicast address, got ${request.address}`);
  return { request, address };
}

function within(field: string, value: number, least: number, most: number, whole: boolean): void {
  if (value >= least && value <= most && (!whole || Number.isInteger(value))) return;
  throw new RangeError(`${field} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}, got ${value}`);
}

/** Neither unspecified, nor multicast, nor the limited broadcast: one host answers, from the address that was asked. */
function isUnicast({ family, bytes }: IpAddress): boolean {
  const first = bytes[0] ?? 0;
  if (family === 4) return first !== 0 && first < 224;
  return first !== 0xff && bytes.some((byte) => byte !== 0);
}

/** One train to submit: its id, what was asked and whether it is followed. */
export interface Submission extends CheckedRequest {
  readonly id: number;
  readonly progress: boolean;
}

/** Writes submissions as one message. */
export function encodeSubmissions(submissions: readonly Submission[]): SubmitMessage {
  const numbers = new Float64Array(submissions.length * REQUEST.columns);
  const addresses = new Uint8Array(submissions.length * ADDRESS_BYTES);
  for (const [index, submission] of submissions.entries()) {
    numbers.set(row(submission), index * REQUEST.columns);
    addresses.set(submission.address.bytes, index * ADDRESS_BYTES);
  }
  return { kind: 'submit', numbers, addresses };
}

function row({ id, request, address, progress }: Submission): number[] {
  const row = new Array<number>(REQUEST.columns).fill(0);
  row[REQUEST.id] = id;
  row[REQUEST.family] = address.family;
  row[REQUEST.scope] = address.scope;
  row[REQUEST.count] = request.count;
  row[REQUEST.intervalNs] = request.intervalMs * 1e6;
  row[REQUEST.timeoutNs] = request.timeoutMs * 1e6;
  row[REQUEST.sizeBytes] = request.sizeBytes;
  row[REQUEST.dscp] = request.dscp ?? -1;
  row[REQUEST.ttl] = request.ttl ?? -1;
  row[REQUEST.lingerNs] = request.lingerMs === undefined ? -1 : request.lingerMs * 1e6;
  row[REQUEST.progress] = progress ? 1 : 0;
  return row;
}

import { readFileSync } from 'node:fs';
import { decodeRecord, RECORD_BYTES, type TruthRecord } from './truth-record.ts';

/** Reads a log of the emulator. */
export function readTruth(file: string): TruthRecord[] {
  const bytes = readFileSync(file);
  return Array.from({ length: Math.floor(bytes.length / RECORD_BYTES) }, (_, index) =>
    decodeRecord(bytes, index * RECORD_BYTES),
  );
}

/** The lab's record of one echo: the request, and the replies that reached the measuring host. */
export interface EchoTruth {
  readonly target: string;
  readonly id: number;
  readonly sequence: number;
  readonly request: TruthRecord;
  /** Copies of the request that reached the target. */
  readonly requestsDelivered: number;
  /** Replies that reached the measuring host, copies included, in the order they were written. */
  readonly repliesDelivered: readonly TruthRecord[];
}

/** Pairs ICMP and ICMPv6 echo requests of the measuring host with their replies, in sending order. */
export function echoesOf(truth: readonly TruthRecord[]): EchoTruth[] {
  const keyOf = (address: string, record: TruthRecord): string =>
    `${address} ${record.sourceId} ${record.destinationId}`;
  const delivered = truth.filter((record) => record.fate === 'forwarded' && record.origin === 'host');
  const requests = groupBy(
    delivered.filter((record) => isEcho(record, 'request') && record.direction === 'forward'),
    (record) => keyOf(record.destination, record),
  );
  const replies = groupBy(
    delivered.filter((record) => isEcho(record, 'reply') && record.direction === 'backward'),
    (record) => keyOf(record.source, record),
  );
  const sent = new Map<string, TruthRecord>();
  for (const record of truth) {
    if (record.direction !== 'forward' || !isEcho(record, 'request') || record.origin !== 'host') continue;
    const key = keyOf(record.destination, record);
    if (!sent.has(key)) sent.set(key, record);
  }
  return [...sent]
    .sort(([, left], [, right]) => left.packet - right.packet)
    .map(([key, request]) => ({
      target: request.destination,
      id: request.sourceId,
      sequence: request.destinationId,
      request,
      requestsDelivered: requests.get(key)?.length ?? 0,
      repliesDelivered: (replies.get(key) ?? []).toSorted((left, right) =>
        Number(left.writtenAtNs - right.writtenAtNs),
      ),
    }));
}

function isEcho(record: TruthRecord, kind: 'request' | 'reply'): boolean {
  if (record.protocol === 1) return record.icmpType === (kind === 'request' ? 8 : 0);
  return record.protocol === 58 && record.icmpType === (kind === 'request' ? 128 : 129);
}

function groupBy(records: readonly TruthRecord[], keyOf: (record: TruthRecord) => string): Map<string, TruthRecord[]> {
  const groups = new Map<string, TruthRecord[]>();
  for (const record of records) {
    const group = groups.get(keyOf(record));
    if (group === undefined) groups.set(keyOf(record), [record]);
    else group.push(record);
  }
  return groups;
}

import { createHash } from 'node:crypto';
import {
  type AssignedCheck,
  type Assignment,
  canonicalAssignment,
  MAX_FRAME_BYTES,
  type ServerMessage,
} from '@netsonde/protocol';

type AssignPart = Extract<ServerMessage, { type: 'assign' }>;

/** Bytes reserved in a frame for the fields around the checks. */
const MARGIN_BYTES = 512;

/** SHA-256, hex, of the canonical text of an assignment. */
export function assignmentHash(checks: readonly AssignedCheck[]): string {
  return createHash('sha256').update(canonicalAssignment(checks)).digest('hex');
}

/** Splits an assignment into messages that each fit a frame. A check with many targets spans several messages. */
export function assignmentMessages({ revision, checks }: Assignment, hash: string): readonly AssignPart[] {
  const pieces = checks.flatMap(piecesOf);
  const parts: AssignedCheck[][] = [[]];
  let bytes = 0;
  for (const piece of pieces) {
    const size = sizeOf(piece);
    if (bytes + size > MAX_FRAME_BYTES - MARGIN_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(piece);
    bytes += size;
  }
  return parts.map((part, index) => ({
    type: 'assign',
    revision,
    hash,
    part: index,
    parts: parts.length,
    checks: part,
  }));
}

function piecesOf(check: AssignedCheck): readonly AssignedCheck[] {
  if (sizeOf(check) <= MAX_FRAME_BYTES / 4) return [check];
  const pieces: AssignedCheck[] = [];
  let targets: AssignedCheck['targets'] = [];
  let bytes = 0;
  for (const target of check.targets) {
    const size = sizeOf(target);
    if (bytes + size > MAX_FRAME_BYTES / 4 && targets.length > 0) {
      pieces.push({ ...check, targets });
      targets = [];
      bytes = 0;
    }
    targets.push(target);
    bytes += size;
  }
  return [...pieces, { ...check, targets }];
}

/** Size as JSON, with a comma, bytes. */
function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + 1;
}

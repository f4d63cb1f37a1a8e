import { MAX_FRAME_BYTES } from '@netsonde/protocol';
import type { Kept } from '../spool/spool-core.ts';

export type FrameKind = 'live' | 'backlog';

/** A frame of records, and its content. */
export interface RecordFrame {
  readonly text: string;
  readonly epoch: number;
  readonly ranges: readonly (readonly [number, number])[];
  readonly count: number;
}

/**
 * Fills one frame from the front of `records` with as many of the same epoch as fit.
 * `kind` and `epoch` are first in the text, so that the server can pass the frame on without reading all of it.
 */
export function recordFrame(kind: FrameKind, records: readonly Kept[], start = 0): RecordFrame {
  const epoch = records[start]?.epoch ?? 0;
  const head = `{"type":"records","kind":"${kind}","epoch":${epoch},"items":[`;
  let bytes = head.length + 2;
  const parts: string[] = [];
  const ranges: [number, number][] = [];
  for (let at = start; at < records.length; at++) {
    const { epoch: of, seq, json } = records[at] as Kept;
    const size = Buffer.byteLength(json) + 1;
    if (of !== epoch || (parts.length > 0 && bytes + size > MAX_FRAME_BYTES)) break;
    parts.push(json);
    bytes += size;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === seq - 1) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return { text: `${head}${parts.join(',')}]}`, epoch, ranges, count: parts.length };
}

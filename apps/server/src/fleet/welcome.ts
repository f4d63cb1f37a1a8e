import { type Credits, MAX_FRAME_BYTES, type ServerMessage } from '@netsonde/protocol';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
/** The sequence ranges of an agent that the store holds, by epoch. */
export type Received = readonly { readonly epoch: number; readonly ranges: readonly (readonly [number, number])[] }[];

/** Most unacknowledged frames of each kind per agent. */
export const CREDITS: Credits = Object.freeze({ live: 32, backlog: 4 });

const MAX_EPOCHS = 1024;
const MAX_RANGES = 4096;

/** The stored ranges, newest epochs first, as many as fit a frame. The agent sends records of the rest again as duplicates. */
export function receivedThatFits(received: Received): Welcome['received'] {
  const fitting: Welcome['received'] = [];
  let bytes = 1024;
  for (const { epoch, ranges } of [...received].sort((a, b) => b.epoch - a.epoch)) {
    const kept = ranges.slice(0, MAX_RANGES).map(([from, to]): [number, number] => [from, to]);
    bytes += Buffer.byteLength(JSON.stringify({ epoch, ranges: kept })) + 1;
    if (bytes > MAX_FRAME_BYTES || fitting.length >= MAX_EPOCHS) break;
    fitting.push({ epoch, ranges: kept });
  }
  return fitting;
}

import { type Credits, MAX_FRAME_BYTES, type ServerMessage } from '@netsonde/protocol';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
/** What the store holds of an agent, by epoch, as ranges of sequences. */
export type Received = readonly { readonly epoch: number; readonly ranges: readonly (readonly [number, number])[] }[];

/** Frames of each kind that an agent may have on the way. */
export const CREDITS: Credits = Object.freeze({ live: 32, backlog: 4 });

const MAX_EPOCHS = 1024;
const MAX_RANGES = 4096;

/** What the server holds, newest epochs first, as much as a frame takes; what is left out is sent again and found to be there. */
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

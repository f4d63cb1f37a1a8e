import { type Credits, MAX_FRAME_BYTES, type ServerMessage } from '@netsonde/protocol';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;
/** The sequence ranges of an agent that the store holds, by epoch. */
export type Received = readonly { readonly epoch: number; readonly ranges: readonly (readonly [number, number])[] }[];

/** Most unacknowledged frames of each kind per agent. */
export const CREDITS: Credits = Object.freeze({ live: 32, backlog: 4 });

const MAX_EPOCHS = 1024;
const MAX_RANGES = 4096;

/** The part of a welcome that says what the server has received. */
export type ReceivedInWelcome = Pick<Welcome, 'received' | 'receivedSince'>;

/** The stored ranges, newest epochs first, as many as fit a frame. The agent sends records of the rest again as duplicates. */
export function receivedThatFits(received: Received): ReceivedInWelcome {
  const fitting: Welcome['received'] = [];
  let bytes = 1024;
  let complete = true;
  let since: number | null = null;
  for (const { epoch, ranges } of [...received].sort((a, b) => b.epoch - a.epoch)) {
    if (ranges.length > MAX_RANGES) complete = false;
    const kept = ranges.slice(0, MAX_RANGES).map(([from, to]): [number, number] => [from, to]);
    bytes += Buffer.byteLength(JSON.stringify({ epoch, ranges: kept })) + 1;
    if (bytes > MAX_FRAME_BYTES || fitting.length >= MAX_EPOCHS) {
      complete = false;
      break;
    }
    fitting.push({ epoch, ranges: kept });
    if (complete) since = epoch;
  }
  return complete
    ? { received: fitting, receivedSince: 0 }
    : { received: fitting, ...(since === null ? {} : { receivedSince: since }) };
}

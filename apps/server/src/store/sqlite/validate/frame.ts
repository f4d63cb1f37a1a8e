import type { Drop } from '@netsonde/protocol';
import { dropFault } from './loss-record.ts';
import { withoutNewerFields } from './newer-fields.ts';
import { type Fields, isObject, isWhole } from './parts.ts';
import type { UnknownWords } from './unknown-words.ts';
import type { Vocabulary } from './vocabulary.ts';

const MOST_DROPS = 64;

/** A frame as read: records whose `seq` is sound but whose other fields are still to be checked; or sound drops. */
export type ReadFrame =
  | { readonly type: 'records'; readonly items: readonly NumberedItem[] }
  | { readonly type: 'drops'; readonly drops: readonly Drop[] }
  | { readonly type: 'malformed'; readonly reason: string };

export interface NumberedItem {
  readonly seq: number;
  readonly fields: Fields;
}

/** Reads a `records` or `drops` frame of one epoch. What is malformed says what is wrong, beginning with the field. */
export function readFrame(bytes: Uint8Array, epoch: number, words: Vocabulary, unknown: UnknownWords): ReadFrame {
  let frame: unknown;
  try {
    frame = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (error) {
    return malformed(`frame: is no JSON (${error instanceof Error ? error.message.slice(0, 200) : 'unreadable'})`);
  }
  if (!isObject(frame)) return malformed('frame: must be an object');
  if (frame.epoch !== epoch)
    return malformed(`epoch: the frame says ${String(frame.epoch).slice(0, 32)}, its session ${epoch}`);
  if (frame.type === 'records') return readRecords(frame);
  if (frame.type === 'drops') return readDrops(frame, words, unknown);
  return malformed('type: must be records or drops');
}

const malformed = (reason: string): ReadFrame => ({ type: 'malformed', reason });

function readRecords(frame: Fields): ReadFrame {
  if (frame.kind !== 'live' && frame.kind !== 'backlog') return malformed('kind: must be live or backlog');
  const list = frame.items;
  if (!Array.isArray(list) || list.length === 0) return malformed('items: must be a list of at least one record');
  const items: NumberedItem[] = [];
  for (let i = 0; i < list.length; i += 1) {
    const fields: unknown = list[i];
    if (!isObject(fields)) return malformed(`items.${i}: must be an object`);
    const seq = fields.seq;
    if (!isWhole(seq)) return malformed(`items.${i}.seq: must be a whole number, 0 or more`);
    items.push({ seq, fields: fields.t === 'run' ? withoutNewerFields(fields) : fields });
  }
  return { type: 'records', items };
}

function readDrops(frame: Fields, words: Vocabulary, unknown: UnknownWords): ReadFrame {
  const list = frame.drops;
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_DROPS)
    return malformed(`drops: must be a list of 1 to ${MOST_DROPS}`);
  const drops: Drop[] = [];
  for (let i = 0; i < list.length; i += 1) {
    const fault = dropFault(list[i], words, unknown);
    if (fault !== null) return malformed(`drops.${i}.${fault}`);
    const drop = list[i] as Drop;
    if (drop.toSeq < drop.fromSeq) return malformed(`drops.${i}.toSeq: is below fromSeq`);
    drops.push(drop);
  }
  return { type: 'drops', drops };
}

import { MAX_BODY_BYTES } from './frame.ts';
import { unfitField } from './index-entry.ts';
import type { Appended } from './segment-writer.ts';

/** Why the spool's format has no room for a record, in words; null where it has. */
export function unwritable(record: Appended): string | null {
  const unfit = unfitField(record);
  if (unfit !== null) return unfit;
  const { json } = record;
  if (json.length <= MAX_BODY_BYTES / 3) return null;
  const bytes = Buffer.byteLength(json);
  return bytes > MAX_BODY_BYTES
    ? `it has ${bytes} bytes, and ${MAX_BODY_BYTES} is the most that can be read back`
    : null;
}

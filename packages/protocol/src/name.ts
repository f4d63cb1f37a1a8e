import { z } from 'zod';

/** Longest name, UTF-16 code units. */
export const MAX_NAME_LENGTH = 100;

/**
 * Characters that nobody sees, or that change how their neighbours are shown: control and format characters (bidirectional
 * marks and zero-width characters among them), separators of lines, halves of surrogate pairs, everything else that fonts
 * leave out, and the blank Braille pattern. Variation selectors stay: emoji need them.
 */
const UNSEEN = String.raw`(?![\uFE00-\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]`;
const EVERY_UNSEEN = new RegExp(UNSEEN, 'gu');
const ALL_SEEN = new RegExp(`^(?:(?!${UNSEEN})[^])*$`, 'u');

/** The name of an agent, a test or a token as people write it: one trimmed line in which every character is seen. */
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .regex(ALL_SEEN, 'has characters that cannot be printed or seen: leave them out');

/** What is wrong with a name; null: nothing. */
export function nameFault(name: string): string | null {
  if (name.trim() === '') return 'is empty';
  if (name.trim().length > MAX_NAME_LENGTH) return `has more than ${MAX_NAME_LENGTH} characters`;
  return nameSchema.safeParse(name).error?.issues[0]?.message ?? null;
}

/** A text as a name, without what a name may not have; '' where nothing is left of it. */
export function toName(text: string): string {
  return text.replace(EVERY_UNSEEN, '').trim().slice(0, MAX_NAME_LENGTH).trim();
}

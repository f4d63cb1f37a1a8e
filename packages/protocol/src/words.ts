import { z } from 'zod';

/** The shape of a word of a growing list: snake_case, at most 64 characters. */
export const WORD = /^[a-z][a-z0-9_]{0,63}$/;

/** A word of a list that grows: one that this version knows, or one of a newer peer. */
export type OpenWord<Known extends string> = Known | (string & {});

/** A word is validated by its shape only, so that a newer peer's words can be stored and shown as text. */
export const openWord = <Known extends string>(known: readonly Known[]): z.ZodType<OpenWord<Known>> =>
  z
    .string()
    .regex(WORD, 'must be a word in snake_case of at most 64 characters')
    .meta({ examples: [...known] }) as z.ZodType<OpenWord<Known>>;

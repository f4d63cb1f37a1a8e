import { z } from 'zod';

const NAME = /^[a-zA-Z][\w.-]{0,62}$/;

const labelNameSchema = z
  .string()
  .regex(NAME, 'the name of a label begins with a letter and has at most 63 letters, digits, ".", "_" and "-"');
const labelValueSchema = z.string().max(200, 'the value of a label has at most 200 characters');

/** What people say of an agent or a target: `site`: `berlin`. */
export const labelsSchema = z.record(labelNameSchema, labelValueSchema);

/** Most labels that an agent declares. */
export const MAX_OWN_LABELS = 64;

/** What an agent says of itself. */
export const ownLabelsSchema = labelsSchema.refine(
  (labels) => Object.keys(labels).length <= MAX_OWN_LABELS,
  `has more than ${MAX_OWN_LABELS} labels`,
);

/** What is wrong with a label; null where nothing is. */
export function labelFault(name: string, value: string): string | null {
  const error = labelNameSchema.safeParse(name).error ?? labelValueSchema.safeParse(value).error;
  return error?.issues[0]?.message ?? null;
}

import { canonical6 } from '../contract/canonical-address.ts';
import type { AnswerRecord } from './observation.ts';

/** Types whose data is text that must match exactly. */
const LITERAL = new Set(['TXT', 'CAA']);

/** The first expected value that no record has; undefined when all are present. */
export function missingAnswer(records: readonly AnswerRecord[], expected: readonly string[]): string | undefined {
  return expected.find((wanted) => !records.some((record) => isSame(record, wanted)));
}

function isSame({ type, data }: AnswerRecord, wanted: string): boolean {
  if (LITERAL.has(type)) return data === wanted;
  if (type === 'AAAA') return canonical6(data) === canonical6(wanted.trim());
  return data === wanted.trim().replace(/\s+/g, ' ').toLowerCase().split(' ').map(withoutDot).join(' ');
}

const withoutDot = (word: string): string => word.replace(/\.$/, '');

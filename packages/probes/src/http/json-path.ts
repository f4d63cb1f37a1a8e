/** A condition on a JSON body: a path, and what its value must be. */
export interface JsonCondition {
  readonly steps: readonly (string | number)[];
  readonly op: 'exists' | '=' | '!=' | '<' | '<=' | '>' | '>=';
  readonly value: unknown;
}

const STEP = /\.([^.[\]\s=!<>]+)|\[(\d{1,6})\]|\["([^"]{1,200})"\]/y;

/**
 * Reads `a.b[0].c = value`. A path alone must exist; `=`, `!=`, `<`, `<=`, `>`, `>=` compare. The value is JSON where it
 * parses as JSON, else a text. A step that holds dots or blanks is written `["a b"]`. null: not such a condition.
 */
export function readJsonCondition(text: string): JsonCondition | null {
  const trimmed = text.trim();
  const path = trimmed.startsWith('$') ? trimmed.slice(1) : /^[.[]/.test(trimmed) ? trimmed : `.${trimmed}`;
  const steps: (string | number)[] = [];
  let at = 0;
  for (STEP.lastIndex = 0; ; at = STEP.lastIndex) {
    const match = STEP.exec(path);
    if (match === null) break;
    const [, name, index, quoted] = match;
    steps.push(index === undefined ? (name ?? quoted ?? '') : Number(index));
  }
  const rest = path.slice(at);
  if (steps.length === 0) return null;
  if (rest === '') return { steps, op: 'exists', value: undefined };
  const [, op, value] = /^\s*(=|!=|<=|>=|<|>)\s*(.*)$/.exec(rest) ?? [];
  return op === undefined ? null : { steps, op: op as JsonCondition['op'], value: wantedValue(value ?? '') };
}

function wantedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Whether a parsed document keeps the condition. */
export function keeps({ steps, op, value }: JsonCondition, document: unknown): boolean {
  const found = steps.reduce(stepInto, document);
  if (found === undefined) return false;
  switch (op) {
    case 'exists':
      return true;
    case '=':
      return same(found, value);
    case '!=':
      return !same(found, value);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return typeof found === 'number' && typeof value === 'number' && compares(found, op, value);
  }
}

function stepInto(value: unknown, step: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}

/** Texts that look like numbers in the condition also match texts in the document. */
const same = (found: unknown, value: unknown): boolean =>
  typeof found === 'string' && typeof value === 'number'
    ? found === String(value)
    : JSON.stringify(found) === JSON.stringify(value);

function compares(found: number, op: '<' | '<=' | '>' | '>=', value: number): boolean {
  if (op === '<') return found < value;
  if (op === '<=') return found <= value;
  return op === '>' ? found > value : found >= value;
}

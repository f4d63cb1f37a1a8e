/** What a line is named after. */
export interface LineEnds {
  readonly agent: string;
  readonly target: string;
}

/** A part of a name. `first`: cut where space is short. `last`: cut only after all of these. */
export interface NamePart {
  /** Place of its first character. */
  readonly from: number;
  readonly text: string;
  readonly cut: 'first' | 'last' | 'never';
}

/** What distinguishes texts is kept with its whole word, where this has at most this many characters. */
const LONGEST_WORD = 12;
/** A part of at most this many characters is kept: the mark of a cut takes as much space. */
const SHORT_PART = 3;
/** An agent's name of at most this many characters is kept. */
const SHORT_AGENT = 12;

/**
 * Parts of lines' names, of which so much is kept that the names differ however little space there is. A target that is
 * the same in all lines is cut before agents are.
 */
export function lineNameParts(
  lines: readonly LineEnds[],
): (line: LineEnds) => Readonly<Record<keyof LineEnds, readonly NamePart[]>> {
  const agents = [...new Set(lines.map(({ agent }) => agent))];
  const targets = [...new Set(lines.map(({ target }) => target))];
  const agentCut = targets.length < 2 ? 'last' : 'first';
  return ({ agent, target }) => ({
    agent: agent.length <= SHORT_AGENT ? [{ from: 0, text: agent, cut: 'never' }] : partsOf(agent, agents, agentCut),
    target: partsOf(target, targets, 'first'),
  });
}

/** Splits a text into what distinguishes it from each of the others, which is never cut, and the rest. */
function partsOf(text: string, all: readonly string[], cut: NamePart['cut']): readonly NamePart[] {
  const kept = new Array<boolean>(text.length).fill(false);
  for (const other of all) {
    if (other === text) continue;
    const [from, to] = wordAround(text, sharedHead(text, other));
    kept.fill(true, from, to);
  }
  const parts: NamePart[] = [];
  for (let from = 0, to = 0; from < text.length; from = to) {
    while (to < text.length && kept[to] === kept[from]) to += 1;
    const isKept = kept[from] || to - from <= SHORT_PART;
    const last = parts.at(-1);
    const part = text.slice(from, to);
    if (isKept && last?.cut === 'never') parts[parts.length - 1] = { ...last, text: last.text + part };
    else parts.push({ from, text: part, cut: isKept ? 'never' : cut });
  }
  return parts;
}

/** Where the word around a place of a text begins and ends; a word that is too long begins at the place. */
function wordAround(text: string, place: number): readonly [from: number, to: number] {
  const before = /[\p{L}\p{N}]*$/u.exec(text.slice(0, place))?.[0].length ?? 0;
  const after = /^[\p{L}\p{N}]+|^.?/su.exec(text.slice(place))?.[0].length ?? 0;
  return before + after <= LONGEST_WORD
    ? [place - before, place + after]
    : [place, place + Math.min(after, LONGEST_WORD)];
}

function sharedHead(a: string, b: string): number {
  let length = 0;
  while (length < Math.min(a.length, b.length) && a[length] === b[length]) length += 1;
  return length;
}

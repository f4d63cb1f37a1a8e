import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type LineEnds, lineNameParts, type NamePart } from './line-name-parts.ts';

const MARKS = {
  never: (text: string) => text,
  first: (text: string) => `[${text}]`,
  last: (text: string) => `[[${text}]]`,
} as const;

const marked = (parts: readonly NamePart[]): string => parts.map(({ text, cut }) => MARKS[cut](text)).join('');

/** Each name, with brackets around what can be cut first, and two around what can be cut last. */
function namesOf(...pairs: readonly (readonly [agent: string, target: string])[]): string[] {
  const lines: readonly LineEnds[] = pairs.map(([agent, target]) => ({ agent, target }));
  const names = lineNameParts(lines);
  return lines.map(names).map(({ agent, target }) => `${marked(agent)} > ${marked(target)}`);
}

it('only the target of a single line is cut, beside a short agent', () => {
  expect(namesOf(['v1', 'http://127.0.0.1:8080/'])).toEqual(['v1 > [http://127.0.0.1:8080/]']);
});

it('a long agent of a single line is cut after the target', () => {
  expect(namesOf(['the-agent-of-berlin', '10.99.0.1'])).toEqual(['[[the-agent-of-berlin]] > [10.99.0.1]']);
});

it('the word in which targets differ is kept, and a short agent that is the same in all lines', () => {
  expect(namesOf(['v1', '10.99.0.1:80'], ['v1', '10.99.0.2:80'])).toEqual([
    'v1 > [10.99.0.]1:80',
    'v1 > [10.99.0.]2:80',
  ]);
  expect(namesOf(['v1', 'https://www.berlin.example/'], ['v1', 'https://www.bern.example/'])).toEqual([
    'v1 > [https://www.]berlin[.example/]',
    'v1 > [https://www.]bern[.example/]',
  ]);
});

it('the word in which long agents differ is kept where all measure one target', () => {
  expect(namesOf(['datacentre-berlin', 'dns.example'], ['datacentre-paris', 'dns.example'])).toEqual([
    '[[datacentre-]]berlin > [dns.example]',
    '[[datacentre-]]paris > [dns.example]',
  ]);
});

it('what distinguishes a target from one line and from another is kept, and what is between can be cut', () => {
  expect(
    namesOf(['v1', 'http://10.1.1.1/status/a'], ['v1', 'http://10.1.1.1/status/b'], ['v1', 'https://10.1.1.2/status']),
  ).toEqual(['v1 > http:[//10.1.1.1/status/]a', 'v1 > http:[//10.1.1.1/status/]b', 'v1 > https[://10.1.1.2/status]']);
});

it('the parts join to the agent and the target', () => {
  const ends = fc.record({ agent: fc.string(), target: fc.string() });
  fc.assert(
    fc.property(fc.array(ends, { maxLength: 6 }), (lines) => {
      const joined = (parts: readonly NamePart[]) => parts.map(({ text }) => text).join('');
      for (const [place, { agent, target }] of lines.map(lineNameParts(lines)).entries())
        expect({ agent: joined(agent), target: joined(target) }).toEqual(lines[place]);
    }),
  );
});

it('different targets and different agents differ in what is never cut, or one is a beginning of the other', () => {
  // Few letters, so that many texts have long parts in common.
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.uniqueArray(text, { minLength: 2, maxLength: 6 }), (targets) => {
      const lines = targets.map((target) => ({ agent: 'v1', target }));
      const kept = lines
        .map(lineNameParts(lines))
        .map(({ target }) => target.map(({ text, cut, from }) => (cut === 'never' ? `${from}${text}` : '…')).join(''));
      for (const [place, one] of targets.entries())
        for (const [otherPlace, other] of targets.entries())
          if (!one.startsWith(other) && !other.startsWith(one)) expect(kept[place]).not.toBe(kept[otherPlace]);
    }),
  );
});

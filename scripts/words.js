import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './steps.js';

/** Words that `docs/style.md` replaces, with what to write instead. */
const WORDS = [
  ['anew', 'again'],
  ['whoever', 'the caller, the agent, the user'],
  ['in vain', 'failed'],
  ['mend', 'fix'],
  ['mended', 'fixed'],
  ['stood still', 'was paused, was stalled'],
  ['stands still', 'is paused, is stalled'],
  ['has come', 'is new, has arrived'],
  ['have come', 'are new, have arrived'],
  ['is told', 'is reported, is sent, is shown'],
  ['are told', 'are reported, are sent, are shown'],
  ['was told', 'was reported, was sent'],
  ['by itself', 'automatically, in the background'],
  ['of so many', 'at most n of m'],
];

const ALLOWED = ['docs/style.md', 'scripts/words.js', 'package-lock.json'];

/** Not as a name in code: the field `mend` is on the wire, and stays. */
const pattern = new RegExp(
  `(?<![\\w.'-])(${WORDS.map(([word]) => word.replace(' ', '\\s+')).join('|')})(?![\\w'-]|[?]?:)`,
  'gi',
);
const instead = new Map(WORDS);

/** `npm run check` runs this: words that readers have to translate, by file and line. */
try {
  const listed = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.js', '*.mjs', '*.md', '*.css'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter((file) => file !== '' && !ALLOWED.includes(file));
  const found = files.flatMap(wordsIn);
  for (const line of found) process.stdout.write(`${line}\n`);
  process.exit(found.length === 0 ? 0 : 1);
} catch (error) {
  fail(error);
}

function wordsIn(file) {
  let text;
  try {
    text = readFileSync(join(root, file), 'utf8');
  } catch {
    return []; // deleted, and not committed yet
  }
  return text.split('\n').flatMap((line, i) =>
    [...line.matchAll(pattern)].map(([word]) => {
      const plain = instead.get(word.toLowerCase().replace(/\s+/g, ' '));
      return `${file}:${i + 1}: "${word}": write ${plain}`;
    }),
  );
}

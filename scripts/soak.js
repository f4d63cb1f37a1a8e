import { join } from 'node:path';
import { setUp } from './setup.js';
import { fail, root, run } from './steps.js';
import { ensurePrograms } from './system-packages.js';

/** Suites by the name of their soak, and how many seeds one run of them takes (as a range, where it is more than one). */
const SOAKS = {
  all: { suites: ['.lab.test.ts', '.fault.test.ts'], seeds: 1 },
  flips: { suites: ['apps/server/src/store/sqlite/damage/flips.fault.test.ts'], seeds: 10 },
};

/**
 * `npm run soak [-- [NAME] [SEEDS]]`: suites over many seeds, one seed after another. SEEDS is a number (1 to that one) or
 * a range such as 21-40; 20 by default. NAME is `all` (the lab and fault suites, the default) or `flips` (one flipped bit
 * at a time in each table of the results' files). All of them read their seed from one variable, NETSONDE_TEST_SEED, a
 * whole number; `npm test` leaves it unset.
 */
try {
  const words = process.argv.slice(2);
  const name = words[0] !== undefined && words[0] in SOAKS ? (words.shift() ?? 'all') : 'all';
  const [first, last] = seedsOf(words[0] ?? '20');
  await ensurePrograms('test');
  await setUp();
  const { suites, seeds } = SOAKS[name];
  for (let from = first; from <= last; from += seeds) {
    const to = Math.min(last, from + seeds - 1);
    const seed = from === to ? `${from}` : `${from}-${to}`;
    process.stdout.write(`\n== seed ${seed} of ${first} to ${last}\n`);
    const env = { ...process.env, NETSONDE_TEST_SEED: seed };
    const code = await run(join(root, 'node_modules', '.bin', 'vitest'), ['run', ...suites], { env });
    if (code !== 0) throw new Error(`seed ${seed} failed: run it again with NETSONDE_TEST_SEED=${seed}`);
  }
  process.stdout.write(`\n== ${last - first + 1} seeds passed\n`);
} catch (error) {
  fail(error);
}

function seedsOf(word) {
  const found = /^(?:(\d+)-)?(\d+)$/.exec(word);
  const [first, last] = [Number(found?.[1] ?? 1), Number(found?.[2])];
  if (found === null || first < 1 || last < first)
    throw new Error(`${word}: give a name (${Object.keys(SOAKS).join(', ')}), or seeds such as 20 or 21-40`);
  return [first, last];
}

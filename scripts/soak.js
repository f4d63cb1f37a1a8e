import { join } from 'node:path';
import { setUp } from './setup.js';
import { fail, root, run } from './steps.js';
import { ensurePrograms } from './system-packages.js';

/**
 * `npm run soak [-- SEEDS]`: the lab and fault suites (`*.lab.test.ts`, `*.fault.test.ts`) over many seeds, one after
 * another. All of them read their seed from one variable, NETSONDE_TEST_SEED, a whole number; `npm test` leaves it unset.
 */
try {
  const seeds = Number(process.argv[2] ?? 20);
  if (!Number.isInteger(seeds) || seeds < 1) throw new Error(`SEEDS is ${process.argv[2]}: give a whole number from 1`);
  await ensurePrograms('test');
  await setUp();
  for (let seed = 1; seed <= seeds; seed += 1) {
    process.stdout.write(`\n== seed ${seed} of ${seeds}\n`);
    const env = { ...process.env, NETSONDE_TEST_SEED: String(seed) };
    const code = await run(join(root, 'node_modules', '.bin', 'vitest'), ['run', '.lab.test.ts', '.fault.test.ts'], {
      env,
    });
    if (code !== 0) throw new Error(`seed ${seed} failed: run it again with NETSONDE_TEST_SEED=${seed}`);
  }
} catch (error) {
  fail(error);
}

import { join } from 'node:path';
import { runChecks } from './checks.js';
import { setUp } from './setup.js';
import { fail, root, run } from './steps.js';

/** `npm run check`: format, lint, types, dead code, import cycles, words, and the suites that need no sockets. Under a minute. */
const PURE_SUITES = [
  'packages/metrics/',
  'packages/protocol/',
  'apps/web/src/',
  'apps/server/src/store/sqlite/codec/',
  'descriptor.test',
  'summarize.test',
];

try {
  await setUp();
  const results = await runChecks();
  process.stdout.write('\n== pure suites\n');
  const suites = await run(join(root, 'node_modules', '.bin', 'vitest'), ['run', ...PURE_SUITES]);
  const failed = results.filter(({ passed }) => !passed).map(({ what }) => what);
  if (suites !== 0) failed.push('pure suites');
  for (const what of failed) process.stdout.write(`failed: ${what}\n`);
  process.exit(failed.length === 0 ? 0 : 1);
} catch (error) {
  fail(error);
}

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from './checks.js';
import { setUp } from './setup.js';
import { fail, root, run } from './steps.js';
import { ensurePrograms } from './system-packages.js';

/** `npm test`: everything that must hold before a change is kept. Arguments go to the suites: `npm test -- packages/metrics`. */
const VITEST = join(root, 'node_modules', '.bin', 'vitest');
/** Runs that suites repeat because the process was stalled: more than these say that the suites judge the machine. */
const MOST_RERUNS = 60;

try {
  await ensurePrograms('test');
  await setUp();
  const results = await runChecks();
  process.stdout.write('\n== suites\n');
  const suites = await runSuites(process.argv.slice(2));
  const failedChecks = results.filter(({ passed }) => !passed);
  for (const { what } of failedChecks) process.stdout.write(`failed: ${what}\n`);
  const passed = suites.passed + results.length - failedChecks.length;
  const failed = suites.failed + failedChecks.length;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exit(failed === 0 && suites.passed > 0 ? 0 : 1);
} catch (error) {
  fail(error);
}

/** Counts the suites' tests; a runner that ends badly without a failed test (an unhandled rejection) counts as one failure. */
async function runSuites(args) {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-test-'));
  const report = join(folder, 'report.json');
  const reruns = join(folder, 'reruns');
  try {
    const code = await run(
      VITEST,
      ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
      { env: { ...process.env, NETSONDE_RERUNS: reruns } },
    );
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    const skipped = numPendingTests + numTodoTests;
    if (skipped > 0) process.stdout.write(`${skipped} tests were skipped: none may be\n`);
    const failed = numFailedTests + skipped + tooManyReruns(reruns);
    return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Prints how many runs were repeated because a process was stalled. @returns 1 where they are too many, else 0 */
function tooManyReruns(file) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  process.stdout.write(`${lines.length} runs were repeated because a process was stalled (at most ${MOST_RERUNS})\n`);
  if (lines.length <= MOST_RERUNS) return 0;
  const bySuite = new Map();
  for (const line of lines) bySuite.set(line, (bySuite.get(line) ?? 0) + 1);
  for (const [suite, times] of bySuite) process.stdout.write(`  ${times} in ${suite}\n`);
  return 1;
}

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from './checks.js';
import { setUp } from './setup.js';
import { fail, root, run } from './steps.js';
import { ensurePrograms } from './system-packages.js';

/** `npm test`: everything that must hold before a change is kept. Arguments go to the suites: `npm test -- packages/metrics`. */
const VITEST = join(root, 'node_modules', '.bin', 'vitest');
const UNHANDLED = join(root, 'scripts', 'unhandled-errors.js');
/** Runs that suites repeat because the process was stalled: more than these say that the suites judge the machine. */
const MOST_RERUNS = 60;
/** Files that may fail beside others and pass alone: more than these are a fault of the change. */
const MOST_UNSTEADY_FILES = 3;

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

/**
 * Counts the suites' tests. Files with failed tests run once more, alone, where they are few: if that run has no fault,
 * the tests that failed before are named and count as passed.
 */
async function runSuites(args) {
  const folder = mkdtempSync(join(tmpdir(), 'netsonde-test-'));
  const reruns = join(folder, 'reruns');
  try {
    const first = await runOnce(args, join(folder, 'first'), reruns);
    const failed = first.failed + tooManyReruns(reruns);
    const { failedFiles, failedTests } = first;
    if (failedFiles.length === 0 || failedFiles.length > MOST_UNSTEADY_FILES) return { ...first, failed };
    process.stdout.write(`\n== ${failedFiles.length} files that failed, alone\n`);
    const again = await runOnce(['--maxWorkers=1', ...failedFiles], join(folder, 'alone'), reruns);
    if (again.failed > 0) return { ...first, failed };
    for (const test of failedTests) process.stdout.write(`failed beside others, passed alone: ${test}\n`);
    return { passed: first.passed + failedTests.length, failed: failed - failedTests.length };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs suites once. Failures are failed and skipped tests and errors that belong to no test; at least one where the
 * runner ends badly.
 */
async function runOnce(args, files, reruns) {
  const [report, unhandled] = [`${files}.json`, `${files}-unhandled`];
  const code = await run(
    VITEST,
    ['run', '--reporter=default', '--reporter=json', `--reporter=${UNHANDLED}`, `--outputFile.json=${report}`, ...args],
    { env: { ...process.env, NETSONDE_RERUNS: reruns, NETSONDE_UNHANDLED: unhandled } },
  );
  const { testResults, ...counts } = JSON.parse(readFileSync(report, 'utf8'));
  const skipped = counts.numPendingTests + counts.numTodoTests;
  if (skipped > 0) process.stdout.write(`${skipped} tests were skipped: none may be\n`);
  const failed = counts.numFailedTests + skipped + linesOf(unhandled).length;
  const failedFiles = testResults.filter(({ status }) => status === 'failed');
  return {
    passed: counts.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    failedFiles: failedFiles.map(({ name }) => name),
    failedTests: failedFiles.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    ),
  };
}

function linesOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/** Prints how many runs were repeated because a process was stalled. @returns 1 where they are too many, else 0 */
function tooManyReruns(file) {
  const lines = linesOf(file);
  process.stdout.write(`${lines.length} runs were repeated because a process was stalled (at most ${MOST_RERUNS})\n`);
  if (lines.length <= MOST_RERUNS) return 0;
  const bySuite = new Map();
  for (const line of lines) bySuite.set(line, (bySuite.get(line) ?? 0) + 1);
  for (const [suite, times] of bySuite) process.stdout.write(`  ${times} in ${suite}\n`);
  return 1;
}

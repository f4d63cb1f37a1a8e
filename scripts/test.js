import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUp } from './setup.js';
import { fail, root, run } from './steps.js';
import { ensurePrograms } from './system-packages.js';

/** `npm test`: everything that must hold before a change is kept. Arguments go to the suites: `npm test -- packages/metrics`. */
const bin = (name) => join(root, 'node_modules', '.bin', name);
const CHECKS = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types of the suites', bin('tsc'), ['-p', 'tsconfig.test.json']],
  ['types of the dashboard', bin('tsc'), ['-p', 'apps/web/tsconfig.json']],
  ['dead code', bin('knip'), []],
];

try {
  await ensurePrograms('test');
  await setUp();
  const results = [];
  for (const [what, command, args] of CHECKS) {
    process.stdout.write(`\n== ${what}\n`);
    results.push({ what, passed: (await run(command, args)) === 0 });
  }
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
  try {
    const code = await run(bin('vitest'), [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ]);
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    const skipped = numPendingTests + numTodoTests;
    if (skipped > 0) process.stdout.write(`${skipped} tests were skipped: none may be\n`);
    const failed = numFailedTests + skipped;
    return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import { join } from 'node:path';
import { root, run } from './steps.js';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const script = (name) => [process.execPath, [join(root, 'scripts', name)]];

/** What is read rather than run: format, lint, types, dead code, import cycles and words. */
const CHECKS = [
  ['format and lint', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['types of the suites', bin('tsc'), ['-p', 'tsconfig.test.json']],
  ['types of the dashboard', bin('tsc'), ['-p', 'apps/web/tsconfig.json']],
  ['dead code', bin('knip'), []],
  ['import cycles', ...script('import-cycles.js')],
  ['plain words', ...script('words.js')],
];

/** Runs all checks, the failed ones too. @returns for each what it is and whether it passed. */
export async function runChecks() {
  const results = [];
  for (const [what, command, args] of CHECKS) {
    process.stdout.write(`\n== ${what}\n`);
    results.push({ what, passed: (await run(command, args)) === 0 });
  }
  return results;
}

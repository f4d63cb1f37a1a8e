import { startVitest } from 'vitest/node';
import { setUp } from './setup.js';
import { fail } from './steps.js';
import { ensurePrograms } from './system-packages.js';

/** `npm run pictures`: takes the README's pictures again, of the real thing (root on Linux, for the lab's namespaces). */
try {
  await ensurePrograms('test');
  await setUp();
  const include = ['e2e/src/pictures/*.test-pictures.ts'];
  await startVitest('test', ['e2e/src/pictures'], { watch: false }, { test: { include } });
} catch (error) {
  fail(error);
}

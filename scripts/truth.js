import { join } from 'node:path';
import { setUp } from './setup.js';
import { fail, root, run } from './steps.js';
import { ensurePrograms } from './system-packages.js';

/** `npm run truth`: strict accuracy against captures (`*.truth.test.ts`), one worker, on a machine that does nothing else. */
try {
  await ensurePrograms('test');
  await setUp();
  const env = { ...process.env, NETSONDE_SUITES: 'truth' };
  process.exit(await run(join(root, 'node_modules', '.bin', 'vitest'), ['run', ...process.argv.slice(2)], { env }));
} catch (error) {
  fail(error);
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setUp } from './setup.js';
import { fail, root, run } from './steps.js';
import { ensurePrograms } from './system-packages.js';

/** `npm run bench -- NAME`: one JSON line per figure, with the peer's figure from the same run. */
const [name, ...args] = process.argv.slice(2);
const known = readdirSync(join(root, 'bench', 'src'), { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => entry.name.slice(0, -3));
try {
  if (name === undefined || !known.includes(name))
    throw new Error(`name a benchmark: npm run bench -- ${known.join(' | ')}`);
  await ensurePrograms('bench');
  await setUp();
  process.exit(await run(process.execPath, [join(root, 'bench', 'dist', `${name}.js`), ...args]));
} catch (error) {
  fail(error);
}

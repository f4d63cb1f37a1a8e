import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of the built dashboard; null where it was not built. The server then has only its API. */
export function dashboardFolder(): string | null {
  const manifest = createRequire(import.meta.url).resolve('@netsonde/web/package.json');
  const folder = join(dirname(manifest), 'dist');
  return existsSync(join(folder, 'index.html')) ? folder : null;
}

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where the built dashboard lies; null where it was not built: the server then has its API only. */
export function dashboardFolder(): string | null {
  const manifest = createRequire(import.meta.url).resolve('@netsonde/web/package.json');
  const folder = join(dirname(manifest), 'dist');
  return existsSync(join(folder, 'index.html')) ? folder : null;
}

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The compiled program of this package that runs in its own process. Works from source and from the build. */
export function builtFile(path: string): string {
  const file = fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
  if (!existsSync(file)) throw new Error(`${file} is missing: build it with "npx tsc -b packages/lab"`);
  return file;
}

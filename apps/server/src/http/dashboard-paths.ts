import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of numeric parameters in page paths. */
const PARAMETER = /\$\w+/g;

/**
 * Returns whether a path (without the leading slash) leads to a page of the dashboard, by the list that its build writes.
 * Every path counts as a page where a build has no list.
 */
export function pagesOf(webFolder: string): (path: string) => boolean {
  const file = join(webFolder, 'paths.json');
  if (!existsSync(file)) return () => true;
  const paths = JSON.parse(readFileSync(file, 'utf8')) as readonly string[];
  const forms = paths.map((path) => new RegExp(`^${path.replace(/^\//, '').replace(PARAMETER, '\\d{1,16}')}/?$`));
  return (path) => forms.some((form) => form.test(path));
}

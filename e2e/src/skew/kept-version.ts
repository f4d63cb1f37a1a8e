import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const VERSIONS = fileURLToPath(new URL('./versions/', import.meta.url));

/** A version of Netsonde that can be run: its `netsonde` command. */
export interface Version {
  readonly name: string;
  readonly command: string;
}

/** The version in this checkout. */
export const CURRENT: Version = { name: 'this version', command: join(ROOT, 'apps/cli/bin/netsonde.js') };

/** Names of the kept versions, oldest first. */
export function keptVersions(): readonly string[] {
  return readdirSync(VERSIONS)
    .filter((file) => file.endsWith('.tar.gz'))
    .map((file) => file.slice(0, -'.tar.gz'.length))
    .sort();
}

/**
 * Unpacks a kept version into a temporary folder, with this checkout's third-party packages.
 * @returns the version, and what removes it again.
 */
export function unpackVersion(name: string): Version & { readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), `netsonde-${name}-`));
  execFileSync('tar', ['-C', folder, '-xzf', join(VERSIONS, `${name}.tar.gz`)]);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@netsonde'), { recursive: true });
  for (const entry of readdirSync(join(ROOT, 'node_modules')))
    if (entry !== '@netsonde' && entry !== 'netsonde' && !entry.startsWith('.'))
      symlinkSync(join(ROOT, 'node_modules', entry), join(modules, entry));
  for (const part of readdirSync(folder).filter((entry) => entry !== 'node_modules'))
    for (const workspace of readdirSync(join(folder, part)))
      symlinkSync(join(folder, part, workspace), join(modules, '@netsonde', workspace));
  linkNested(folder);
  const command = join(folder, 'apps/cli/bin/netsonde.js');
  return { name, command, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Packages that npm has installed below one workspace, since another version of them is at the top. */
function linkNested(folder: string): void {
  for (const part of ['apps', 'packages'])
    for (const workspace of readdirSync(join(folder, part))) {
      const nested = join(ROOT, part, workspace, 'node_modules');
      const link = join(folder, part, workspace, 'node_modules');
      try {
        readdirSync(nested);
      } catch {
        continue;
      }
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(nested, link);
    }
}

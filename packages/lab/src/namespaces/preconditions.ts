import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

/** How namespaces are entered: as root directly, or as root of a new user namespace. */
export type Privilege = 'root' | 'user-namespace';

const PROGRAMS = ['ip', 'unshare', 'nsenter', 'setpriv', 'chrt', 'cat', 'tee'] as const;

/** Returns how this process can make network namespaces. @throws Error that names what is missing. */
export function requireNamespaces(): Privilege {
  const missing = PROGRAMS.filter((name) => !isOnPath(name));
  if (missing.length > 0) {
    throw new Error(
      `The lab needs the programs ${missing.join(', ')} (Debian packages iproute2, util-linux, coreutils).`,
    );
  }
  const privilege = process.getuid?.() === 0 ? 'root' : 'user-namespace';
  const attempt = spawnSync('unshare', [...unshareFlags(privilege), 'true'], { env: searchPath(), encoding: 'utf8' });
  if (attempt.status !== 0) {
    throw new Error(
      `The lab cannot make network namespaces (${attempt.stderr.trim()}): run as root, or open user namespaces ` +
        '(sysctl user.max_user_namespaces, and kernel.unprivileged_userns_clone or kernel.apparmor_restrict_unprivileged_userns where they exist).',
    );
  }
  return privilege;
}

function isOnPath(program: string): boolean {
  const folders = (searchPath().PATH ?? '').split(':').filter(Boolean);
  return folders.some((folder) => existsSync(join(folder, program)));
}

/** @throws Error that says what to do when TUN devices cannot be opened. */
export function requireTun(): void {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    throw new Error('The lab needs /dev/net/tun readable and writable: load the tun module and check its permissions.');
  }
}

/** The flags that make a network namespace (and, unprivileged, a user namespace around it). */
export function unshareFlags(privilege: Privilege): string[] {
  return privilege === 'root' ? ['--net'] : ['--user', '--map-root-user', '--net'];
}

/** The environment with the folders of system programs on the search path. */
export function searchPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` };
}

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Runs work on a 6 MB disk, which is unmounted afterwards. @param folder where it is mounted. */
export async function onSmallDisk(folder: string, work: (mount: string) => Promise<void>): Promise<void> {
  const mount = join(folder, 'small');
  execFileSync('mkdir', [mount]);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'none', mount]);
  } catch {
    throw new Error('this test mounts a small tmpfs: run it as root');
  }
  try {
    await work(mount);
  } finally {
    execFileSync('umount', [mount]);
  }
}

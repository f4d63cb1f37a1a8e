import { SpoolMoved } from './segment-writer.ts';

/** Whether the file system raised an error. All others are the agent's own faults, whatever the disk is like. */
export function isOfDisk(error: unknown): boolean {
  return error instanceof SpoolMoved || (error instanceof Error && 'syscall' in error);
}

/** What to do about an error that kept records from being written to `folder`. */
export function adviceFor(error: unknown, folder: string): string {
  if (!isOfDisk(error)) return 'this is a fault of the agent and not of its disk: start it again, and report it';
  const isGone = error instanceof SpoolMoved || (error instanceof Error && 'code' in error && error.code === 'ENOENT');
  return isGone ? `put ${folder} back where it was, or start the agent again` : `free space on the disk of ${folder}`;
}

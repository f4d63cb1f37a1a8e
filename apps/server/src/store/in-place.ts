import { statSync } from 'node:fs';
import { StoreError } from './store-error.ts';

/**
 * Watches that databases stay where they were opened, their logs (`-wal`) too: the kernel goes on writing a file that was
 * removed or replaced, and with the last who has it open all of that is gone.
 * @param databases open in this thread, so that their logs are there
 * @param consequence what does not happen any more, for the message
 * @returns throws StoreError `io` that names the file, once that is so
 */
export function inPlace(databases: readonly string[], consequence: string): () => void {
  const files = databases.flatMap((database) => [database, `${database}-wal`]);
  const were = files.map(identityOf);
  return () => {
    const gone = files.find((file, place) => identityOf(file) !== were[place]);
    if (gone !== undefined) throw new StoreError('io', notInPlace(gone, consequence));
  };
}

const notInPlace = (file: string, consequence: string): string =>
  `${file} was removed or replaced while the server runs: ${consequence}. Stop the server; move the file back together with its -wal, or delete its -wal and -shm before a backup takes its place; then start again`;

/** Which file is there; null where none is. @throws StoreError where nobody can tell */
function identityOf(file: string): string | null {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found === undefined ? null : `${found.dev}/${found.ino}`;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError('io', `${file} cannot be reached (${why}): check the disk and the folder's owner`);
  }
}

import { statSync } from 'node:fs';
import { StoreError } from './store-error.ts';

/**
 * Checks that databases and their logs (`-wal`) are still at the paths where they were opened. The kernel keeps writing
 * to a removed or replaced file, and all of that is lost when the last process closes it.
 * @param databases open in this thread, so that their logs exist
 * @param consequence what is refused as a consequence, for the message
 * @returns a function that throws a StoreError `io` with the file's name once a file is removed or replaced
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

/** Identity of the file at a path. null: there is none. @throws StoreError if it cannot be determined */
function identityOf(file: string): string | null {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found === undefined ? null : `${found.dev}/${found.ino}`;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError('io', `${file} cannot be reached (${why}): check the disk and the folder's owner`);
  }
}

import { statSync } from 'node:fs';
import { StoreError } from '../store-error.ts';

/**
 * Watches that files stay where they were opened: the kernel goes on writing one that was removed or replaced, and with
 * the last who has it open all of that is gone.
 * @returns throws StoreError `io` that names the file, once that is so
 */
export function inPlace(files: readonly string[]): () => void {
  const inodes = files.map(inodeOf);
  return () => {
    const gone = files.find((file, place) => inodeOf(file) !== inodes[place]);
    if (gone === undefined) return;
    throw new StoreError(
      'io',
      `${gone} was removed or replaced while the server runs: stop the server, put the file back or move what is left of the folder away, and start again; nothing is stored until then, and agents keep what they measure`,
    );
  };
}

const inodeOf = (file: string): number | null => statSync(file, { throwIfNoEntry: false })?.ino ?? null;

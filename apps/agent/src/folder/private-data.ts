import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isOpenFolder, makePrivate } from '@netsonde/sockets/host';

/** The owner's own file: it holds no secret, and may belong to another user. */
const OWNERS = 'policy.json';

/**
 * Takes from other users the right to read the agent's files. The folder keeps its mode.
 * @returns files whose rights were wider until now
 * @throws Error where every user of this host can read a file and that cannot be changed
 */
export function keepPrivate(folder: string): readonly string[] {
  const spool = join(folder, 'spool');
  const files = [
    ...namesIn(folder)
      .filter((name) => name !== OWNERS)
      .map((name) => join(folder, name)),
    ...namesIn(spool).map((name) => join(spool, name)),
  ];
  const { fixed, exposed } = makePrivate(files);
  const open = exposed.find((file) => isOpenFolder(dirname(file)));
  if (open !== undefined)
    throw new Error(
      `--data: every user of this host can read ${open}, and its mode cannot be changed: make this user its owner, or the folder private (chmod 700 ${dirname(open)})`,
    );
  return fixed;
}

const namesIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
    : [];

import { resolve } from 'node:path';

/**
 * The SQLite file that a DATABASE_URL names: `sqlite:///file` lies in the data folder, `sqlite:////path` is absolute.
 * @throws Error that says what it takes.
 */
export function databaseFile(url: string, dataFolder: string): string {
  if (/^postgres(ql)?:/i.test(url))
    throw new Error('PostgreSQL comes later: this version stores in SQLite only, write sqlite:///netsonde.db');
  const file = /^sqlite:\/\/\/([^?#]+)$/i.exec(url)?.[1];
  if (file === undefined || file.endsWith('/'))
    throw new Error('it takes sqlite:///file (in the data folder) or sqlite:////absolute/path');
  if (/^(server\.(lock|pid)|results(\/.*)?)$/.test(file))
    throw new Error('the server keeps something else there: name another file');
  return resolve(dataFolder, file);
}

import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Kysely } from 'kysely';
import type { ConfigSchema } from '../config-schema.ts';
import { resultsFolder } from '../results-folder.ts';
import { setAside } from '../sqlite/damage/damage-table.ts';
import { intakeFile } from '../sqlite/intake/intake-database.ts';
import { resultsFile } from '../sqlite/results-database.ts';
import { StoreError, storeErrorOf } from '../store-error.ts';
import {
  type ConfigState,
  configState,
  type FileState,
  intakeState,
  isLogWhole,
  type Mark,
  resultsState,
} from './file-state.ts';
import { FILES, type FileName, findLosses, type Loss, type States } from './losses.ts';
import { type Manifest, type ManifestFolder, placeOf, readManifest, writeManifest } from './manifest.ts';
import { stampConfig, stampResults } from './stamp.ts';

export interface FolderPlaces {
  readonly dataFolder: string;
  readonly databaseFile: string;
}

export interface FolderQuestion extends FolderPlaces {
  /** Names of files whose loss the operator accepts (`results.db`). */
  readonly accepted: readonly string[];
  /** Epoch ms. */
  readonly nowMs: number;
  warn(message: string): void;
}

/** A data folder whose files belong together. */
export interface CheckedFolder {
  /** true: the configuration is older than what agents and results have seen, so that ids may be given twice. */
  readonly restored: boolean;
  /** Prepares the folder of results, once the configuration is open. @returns its name */
  prepareResults(db: Kysely<ConfigSchema>): Promise<string>;
  /** Marks the files at the end, while only the configuration is open. */
  finish(db: Kysely<ConfigSchema>): Promise<void>;
}

/** Numbers of folders are whole in SQLite and in JSON alike. */
const LARGEST_ID = 2 ** 47;
const DEFAULT_DATABASE = 'netsonde.db';

/**
 * Checks that the files of a data folder belong together, before any of them is opened for good.
 * @throws StoreError `incomplete` that says which file is missing, empty, older or of another folder, and what to do
 */
export function checkDataFolder(question: FolderQuestion): CheckedFolder {
  const { dataFolder, databaseFile } = question;
  const manifest = readManifest(dataFolder) ?? { version: 1, folders: {} };
  const config = configState(databaseFile);
  const place = placeOf(dataFolder, databaseFile);
  const entry = Object.entries(manifest.folders).find(([, { database }]) => database === place);
  const isNew = isNewDatabase(config);
  const name =
    config.resultsFolder ?? entry?.[0] ?? (isNew && manifest.folders.results !== undefined ? null : 'results');
  const folder = name === null ? null : join(dataFolder, name);
  const states: States = {
    database: isNew && config.state.kind === 'present' ? { kind: 'empty' } : config.state,
    intake: folder === null ? { kind: 'missing' } : intakeState(intakeFile(folder)),
    results: folder === null ? { kind: 'missing' } : resultsState(resultsFile(folder)),
  };
  const known = name === null ? undefined : manifest.folders[name];
  // Results of another database in this data folder are nothing that a new one has lost.
  const isOthers = isNew && entry === undefined && (known !== undefined || place !== DEFAULT_DATABASE);
  const whole = states.intake.kind === 'present' && folder !== null && isLogWhole(intakeFile(folder));
  const losses = isOthers ? [] : findLosses({ states, id: known?.id ?? null, isLogWhole: whole });
  const refused = losses.filter(({ file }) => !question.accepted.includes(nameOf(question, file)));
  if (refused.length > 0) throw refusal(question, states, losses, refused);
  for (const file of question.accepted)
    if (!losses.some((loss) => nameOf(question, loss.file) === file))
      question.warn(
        `--accept-loss ${file}: nothing of it is lost. Leave the flag out, or the next loss is accepted unseen`,
      );
  return new Folder(question, manifest, states, losses, name ?? null);
}

/**
 * For commands that would make a new configuration where one is lost.
 * @throws StoreError `incomplete` where the folder has had a database that is missing or empty now
 */
export function refuseLostDatabase({ dataFolder, databaseFile }: FolderPlaces): void {
  const { kind } = configState(databaseFile).state;
  if (kind !== 'missing' && kind !== 'empty') return;
  const place = placeOf(dataFolder, databaseFile);
  const isKnown = Object.values(readManifest(dataFolder)?.folders ?? {}).some(({ database }) => database === place);
  if (isKnown)
    throw new StoreError(
      'incomplete',
      `${databaseFile} is ${kind}, and ${dataFolder} has results of it: put back all files of one backup; the server's start says what else can be done. Nothing was changed`,
    );
}

/** No agent was ever in it, and no server has opened it with results: as `netsonde token create --new` makes it. */
const isNewDatabase = ({ state, resultsFolder: name }: ConfigState): boolean =>
  state.kind === 'missing' ||
  state.kind === 'empty' ||
  (state.kind === 'present' && state.mark === null && name === null && !state.used);

const nameOf = ({ databaseFile }: FolderPlaces, file: FileName): string =>
  file === 'database' ? basename(databaseFile) : `${file}.db`;

const HOW: Readonly<Record<Loss['how'], string>> = {
  missing: 'is missing',
  empty: 'is empty',
  foreign: 'belongs to another data folder',
  older: 'is older than the files beside it, as from a backup of its own',
};

function refusal(
  question: FolderQuestion,
  states: States,
  losses: readonly Loss[],
  refused: readonly Loss[],
): StoreError {
  const wrong = refused.map(({ file, how }) => `${nameOf(question, file)} ${HOW[how]}`).join(', ');
  const beside = FILES.filter((file) => !losses.some((loss) => loss.file === file)).flatMap((file) => {
    const state = states[file];
    return state.kind === 'present' ? [`${nameOf(question, file)} has ${state.holds}`] : [];
  });
  const flags = refused.map(({ file }) => `--accept-loss ${nameOf(question, file)}`).join(' ');
  return new StoreError(
    'incomplete',
    `the data folder ${question.dataFolder} is not complete: ${wrong}${beside.length === 0 ? '' : `; ${beside.join(', ')}`}. Put back all files of one backup, or start once with ${flags}: ${refused.map(({ file, how }) => consequence(file, how)).join('; ')}. Nothing was changed`,
  );
}

function consequence(file: FileName, how: Loss['how']): string {
  if (file === 'database')
    return how === 'older'
      ? 'what was configured since that backup is given up'
      : 'users, agents and tests then begin again from none, and so do results';
  if (file === 'intake')
    return 'all results up to now are then given up, since without it nobody can tell whose they are';
  return 'the results that were in it are then given up';
}

/** All files are older than the manifest has seen them: somebody put a whole backup back. */
function isWholeBackup(states: States, known: ManifestFolder | undefined): boolean {
  const marks = FILES.flatMap((file) => {
    const state = states[file];
    return state.kind === 'present' && state.mark !== null ? [state.mark.count] : [];
  });
  return known !== undefined && marks.length > 0 && Math.max(...marks) < known.count;
}

class Folder implements CheckedFolder {
  readonly #question: FolderQuestion;
  readonly #manifest: Manifest;
  readonly #states: States;
  readonly #losses: readonly Loss[];
  #name: string | null;
  #mark: Mark = { id: 0, count: 0 };
  readonly restored: boolean;

  constructor(
    question: FolderQuestion,
    manifest: Manifest,
    states: States,
    losses: readonly Loss[],
    name: string | null,
  ) {
    this.#question = question;
    this.#manifest = manifest;
    this.#states = states;
    this.#losses = losses;
    this.#name = name;
    const isOlder = losses.some(({ file, how }) => file === 'database' && how === 'older');
    this.restored = isOlder || isWholeBackup(states, name === null ? undefined : manifest.folders[name]);
    if (this.restored)
      question.warn(
        'the configuration is from a backup that was put back: numbers that were given since then are given again',
      );
  }

  async prepareResults(db: Kysely<ConfigSchema>): Promise<string> {
    const { dataFolder, databaseFile } = this.#question;
    const former = this.#name === null ? undefined : this.#manifest.folders[this.#name];
    if (this.#lost('database')) this.#forgetDatabase();
    const name = await resultsFolder(db, dataFolder);
    this.#name = name;
    const folder = join(dataFolder, name);
    if (this.#lost('intake')) this.#moveAway(folder);
    else if (this.#lost('results')) this.#moveAway(resultsFile(folder));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#mark = this.#nextMark();
    const losses = [...(former?.losses ?? []), ...this.#losses.map((loss) => this.#words(loss))];
    try {
      stampResults(folder, this.#mark, (results) => this.#record(results));
      await stampConfig(db, this.#mark);
      this.#writeManifest({ ...this.#mark, database: placeOf(dataFolder, databaseFile), losses });
    } catch (error) {
      const fault = storeErrorOf(error, folder);
      // A server whose disk is full answers, and says so.
      if (this.#losses.length > 0 || fault.code !== 'disk_full') throw error;
      this.#question.warn(`the files of ${dataFolder} could not be marked: ${fault.message}`);
    }
    return name;
  }

  async finish(db: Kysely<ConfigSchema>): Promise<void> {
    if (this.#name === null) return;
    this.#mark = { id: this.#mark.id, count: this.#mark.count + 1 };
    stampResults(join(this.#question.dataFolder, this.#name), this.#mark);
    await stampConfig(db, this.#mark);
    const written = this.#manifest.folders[this.#name];
    if (written !== undefined) this.#writeManifest({ ...written, ...this.#mark });
  }

  #writeManifest(folder: ManifestFolder): void {
    if (this.#name === null) return;
    this.#manifest.folders[this.#name] = folder;
    writeManifest(this.#question.dataFolder, this.#manifest);
  }

  /** Whether a file is given up. An older one is used. */
  #lost(file: FileName): boolean {
    const loss = this.#losses.find((one) => one.file === file);
    if (loss === undefined) return false;
    // Numbers of series and details in an older intake mean others than those in newer results.
    return file === 'intake' || loss.how !== 'older';
  }

  /** The results of a lost database stay in their folder, for a backup of it that may be found. */
  #forgetDatabase(): void {
    const place = placeOf(this.#question.dataFolder, this.#question.databaseFile);
    for (const entry of Object.values(this.#manifest.folders))
      if (entry.database === place) entry.database = `${place} (lost)`;
    this.#name = null;
  }

  #moveAway(path: string): void {
    const end = `lost-${new Date(this.#question.nowMs).toISOString().replace(/[:.]/g, '-')}`;
    for (const file of [path, `${path}-wal`, `${path}-shm`]) if (existsSync(file)) renameSync(file, `${file}.${end}`);
  }

  /** A number of its own for each folder; the count brings files up that a kill left behind. */
  #nextMark(): Mark {
    const kept = FILES.filter((file) => !this.#lost(file) && !this.#lost('database')).flatMap((file) => {
      const state: FileState = this.#states[file];
      return state.kind === 'present' && state.mark !== null ? [state.mark] : [];
    });
    const former = this.#name === null ? undefined : this.#manifest.folders[this.#name];
    const id = former?.id ?? kept[0]?.id ?? randomInt(1, LARGEST_ID);
    const counts = kept.filter((mark) => mark.id === id).map(({ count }) => count);
    const most = Math.max(0, ...counts, ...(this.restored ? [(former?.count ?? 0) + 1] : []));
    return { id, count: counts.every((count) => count === most) ? most + 1 : most };
  }

  #record(results: Database): void {
    for (const { file, how } of this.#losses.filter((loss) => loss.file !== 'database'))
      setAside(
        results,
        {
          file: file === 'intake' ? 'intake.db' : 'results.db',
          table: file === 'intake' ? 'log' : 'block',
          what: `the whole file (${how}), whose loss was accepted ${new Date(this.#question.nowMs).toISOString()}`,
          fromMs: 0,
          toMs: this.#question.nowMs,
          results: null,
        },
        null,
      );
  }

  #words({ file, how }: Loss) {
    const at = new Date(this.#question.nowMs).toISOString();
    const name = nameOf(this.#question, file);
    this.#question.warn(`${name} ${HOW[how]}: its loss was accepted, and ${consequence(file, how)}`);
    return { file: name, at, what: how };
  }
}

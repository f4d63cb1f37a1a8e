import { LARGEST_FIGURE } from '../contract/figure-range.ts';
import { headerListOf } from '../net/http1/header-lookup.ts';

/** One entry of a Server-Timing header; without `dur` it has no time. */
export interface ServerTiming {
  readonly name: string;
  readonly durMs: number | null;
}

/** Limit on the characters read of a header, since a hostile one could keep a pattern busy. */
const MOST_CHARACTERS = 2048;

/** Longest duration that is read: so many entries that their sum stays a figure. */
const LARGEST_DUR_MS = LARGEST_FIGURE / MOST_CHARACTERS;

/** Names under which servers report their total time, the most specific first. */
const WHOLE = ['total', 'server', 'app', 'application', 'origin', 'backend', 'request', 'handler'];
const DATABASE = /^(db|database|sql|mysql|mariadb|postgres(ql)?|pg|mongo(db)?|sqlite|oracle|mssql)([-_.].*)?$/i;

/** The entries of an answer's Server-Timing headers. Source: W3C Server Timing, "The Server-Timing Header Field" */
export function serverTimings(rawHeaders: readonly string[]): readonly ServerTiming[] {
  const list = headerListOf(rawHeaders, 'server-timing');
  if (list === undefined) return [];
  return (list.slice(0, MOST_CHARACTERS).match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [])
    .map(readEntry)
    .filter(({ name }) => name !== '');
}

function readEntry(entry: string): ServerTiming {
  const [name = '', ...parameters] = entry.match(/(?:[^;"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  const dur = parameters.map((text) => /^\s*dur\s*=\s*"?(\d+(?:\.\d*)?|\.\d+)"?\s*$/i.exec(text)?.[1]).find(Boolean);
  return { name: name.trim(), durMs: dur === undefined || Number(dur) > LARGEST_DUR_MS ? null : Number(dur) };
}

/**
 * The server's own time: the entry with such a name, or the only entry that is not of a database. Entries that may
 * overlap are never added up; the result is then undefined.
 */
export function serverTimeMs(timings: readonly ServerTiming[]): number | undefined {
  const timed = timings.filter(({ durMs }) => durMs !== null);
  for (const whole of WHOLE) {
    const found = timed.find(({ name }) => name.toLowerCase() === whole);
    if (found?.durMs !== undefined && found.durMs !== null) return found.durMs;
  }
  const others = timed.filter(({ name }) => !DATABASE.test(name));
  return others.length === 1 ? (others[0]?.durMs ?? undefined) : undefined;
}

/** The time in databases: the entries named for one, added up; undefined when there are none. */
export function databaseTimeMs(timings: readonly ServerTiming[]): number | undefined {
  const durations = timings.flatMap(({ name, durMs }) => (durMs !== null && DATABASE.test(name) ? [durMs] : []));
  return durations.length === 0 ? undefined : durations.reduce((sum, durMs) => sum + durMs, 0);
}

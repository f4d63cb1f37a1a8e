import { open } from 'node:fs/promises';
import { endOf, faultOfPair, type Pair, type PairFiles } from './pair.ts';

/** Pause between two reads of the files, ms. */
const PAUSE_MS = 5000;
/** Files of more bytes are no certificate and no key. */
const MOST_BYTES = 1024 * 1024;

/** What becomes of new files. */
export interface PairUse {
  /** The pair is used from now on. @throws Error where it cannot be */
  taken(pair: Pair, validTo: string): void;
  /** New files cannot be used, and the pair before stays. Called once for each content. */
  refused(why: string): void;
}

/** Reads a certificate and its key again and again, and passes on each new pair that works. */
export interface PairWatch {
  /** Reads the files now, and reports a fault at once. */
  check(): Promise<void>;
  close(): void;
}

/**
 * Watches the content of both files: not their times or names, so that links that are changed (Kubernetes, certbot) and
 * copies over them are noticed alike. A pair is taken when both files match. While only one of them is new, the
 * pair before stays, and a fault is reported when the next read finds the same.
 */
export function watchPair(files: PairFiles, first: Pair, use: PairUse, pauseMs = PAUSE_MS): PairWatch {
  let present = contentOf(first);
  let suspect: string | null = null;
  let reported: string | null = null;
  let reading: Promise<void> = Promise.resolve();

  const look = async (atOnce: boolean) => {
    const read = await readBoth(files);
    const content = typeof read === 'string' ? read : contentOf(read);
    if (content === present) {
      suspect = null;
      reported = null;
      return;
    }
    if (content === reported) return;
    const fault = typeof read === 'string' ? read : (faultOfPair(read) ?? taking(read));
    if (fault === null) {
      present = content;
      suspect = null;
      reported = null;
    } else if (atOnce || content === suspect) {
      reported = content;
      use.refused(`${files.certFile} and ${files.keyFile}: ${fault}`);
    } else suspect = content;
  };
  const taking = (pair: Pair): string | null => {
    try {
      use.taken(pair, endOf(pair));
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const check = (atOnce: boolean): Promise<void> => {
    reading = reading.then(() => look(atOnce));
    return reading;
  };
  const timer = setInterval(() => void check(false), pauseMs);
  timer.unref();
  return { check: () => check(true), close: () => clearInterval(timer) };
}

const contentOf = ({ cert, key }: Pair): string => `${cert}\0${key}`;

/** The content of both files, or why one cannot be read. */
async function readBoth({ certFile, keyFile }: PairFiles): Promise<Pair | string> {
  try {
    return { cert: await readFile(certFile), key: await readFile(keyFile) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function readFile(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > MOST_BYTES) throw new Error(`${path} has more than 1 MiB`);
    return await file.readFile('latin1');
  } finally {
    await file.close();
  }
}

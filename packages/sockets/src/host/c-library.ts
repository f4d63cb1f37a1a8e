import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { NotSupportedError } from '../kernel/errors.ts';

/** The few calls of the C library that a server needs as well. Each returns what the kernel returned. */
export interface HostLibrary {
  /** flock(2). It returns at once with `LOCK_NB`. */
  flock(fd: number, operation: number): number;
  /** adjtimex(2), Linux. -1: it failed, or the platform has none. */
  adjtimex(timex: Buffer): number;
  /** The errno of the last failed call of this thread. */
  errno(): number;
}

let loaded: HostLibrary | undefined;

/**
 * The C library of this process, loaded at the first call. Linux and macOS.
 * @throws NotSupportedError on other platforms, or where koffi has no binary for this host
 */
export function hostLibrary(): HostLibrary {
  loaded ??= load();
  return loaded;
}

function load(): HostLibrary {
  if (!['linux', 'darwin'].includes(process.platform))
    throw new NotSupportedError(`kernel calls need Linux or macOS, this is ${process.platform}`);
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi;
    const library = koffi.load(null);
    return Object.freeze({
      flock: library.func('flock', 'int', ['int', 'int']) as HostLibrary['flock'],
      adjtimex:
        process.platform === 'linux'
          ? (library.func('adjtimex', 'int', ['void *']) as HostLibrary['adjtimex'])
          : () => -1,
      errno: () => koffi.errno(),
    });
  } catch (error) {
    throw new NotSupportedError(`koffi has no binary for this host: ${error instanceof Error ? error.message : error}`);
  }
}

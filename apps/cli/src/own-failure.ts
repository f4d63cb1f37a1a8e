import { constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { EXIT } from './terminal.ts';

/** How many files this process may open; null: not known. Read at the start, since reading it opens a file too. */
let fileLimit: number | null = null;
/**
 * Loading this program takes more than half as many files. Below that, Node may report a file as missing that it could
 * not open.
 */
const FEW_FILES = 256;

/**
 * Ends the process with one line and code 3 on an uncaught error: a failure of this program is no verdict on any
 * target. This file is loaded before all others, so it uses only Node's own modules.
 */
export function endOnOwnFailures(): void {
  fileLimit = readFileLimit();
  process.on('uncaughtException', (error) => endWith(error));
}

/** Reports a failure of this program in one line on stderr, with its stack where DEBUG=true, and exits with code 3. */
export function endWith(error: unknown): never {
  try {
    writeSync(errorDescriptor(), `${failureText(error)}\n`);
  } catch {
    // Nobody reads it.
  }
  process.exit(EXIT.unknown);
}

/** Standard error. A terminal or pipe is opened again, so that one that is not read does not stop the end of this process. */
function errorDescriptor(): number {
  const kind = fstatSync(2);
  if (!kind.isFIFO() && !kind.isCharacterDevice()) return 2;
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return openSync('/proc/self/fd/2', O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return 2;
  }
}

/** A failure of this program in one line. Its stack follows where DEBUG=true. @param about what the failure concerns */
export function failureText(error: unknown, env: NodeJS.ProcessEnv = process.env, about = ''): string {
  const line = `netsonde: ${about}${reasonOf(error)}`.replace(/\s*\n\s*/g, ' ');
  const hasStack = /^(true|yes|1)$/i.test(env.DEBUG ?? '') && error instanceof Error && error.stack !== undefined;
  return hasStack ? `${line}\n${error.stack}` : line;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  switch (codeOf(error, message)) {
    case 'EMFILE':
      return `this process may open at most ${fileLimit ?? 'a few'} files (ulimit -n), which is too few. Raise the limit, for example with: ulimit -n 1024`;
    case 'ENFILE':
      return `this host has too many open files (${message})`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk is full (${message})`;
    case 'EPIPE':
      return 'the output was closed before everything was written';
    case 'ENOMEM':
    case 'ERR_MEMORY_ALLOCATION_FAILED':
      return `this host has too little memory (${message})`;
    case 'ERR_DLOPEN_FAILED':
      return `a native part of this program cannot be loaded (${message}). Install it again with: npm install`;
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
      return `a part of this program is missing (${message}). Install it again with: npm install`;
    default:
      return message;
  }
}

/** Node hides the cause when it fails to load a native part, or looks for a package. */
function codeOf(error: unknown, message: string): string | null {
  if (/too many open files/i.test(message) && !/ENFILE/.test(message)) return 'EMFILE';
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return isMissing && fileLimit !== null && fileLimit < FEW_FILES ? 'EMFILE' : code;
}

function readFileLimit(): number | null {
  try {
    const found = /Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'));
    return found === null ? null : Number(found[1]);
  } catch {
    return null;
  }
}

import { constants } from 'node:os';

const nameOfErrno: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, value]) => [value, name]),
);

/** The symbolic name of an errno (`ECONNREFUSED`), or `errno 123` for one without a name. */
export function errnoName(errno: number): string {
  return nameOfErrno.get(errno) ?? `errno ${errno}`;
}

/** A system call that the kernel refused: which call, with which errno, and its subject. */
export class SystemCallError extends Error {
  readonly call: string;
  readonly errno: number;
  readonly code: string;
  readonly about: string | undefined;

  constructor(call: string, errno: number, about?: string) {
    const code = errnoName(errno);
    super(`${call}${about === undefined ? '' : ` (${about})`} failed: ${code}`);
    this.name = 'SystemCallError';
    this.call = call;
    this.errno = errno;
    this.code = code;
    this.about = about;
  }
}

/** A feature that this host or build does not support; `reason` says why and what would fix it. */
export class NotSupportedError extends Error {
  readonly code = 'not_supported';

  constructor(reason: string) {
    super(`not_supported: ${reason}`);
    this.name = 'NotSupportedError';
  }
}

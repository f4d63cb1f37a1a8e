import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { NotSupportedError, SystemCallError } from './errors.ts';
import { checkLayouts } from './layout-check.ts';

/** Memory handed to the kernel: a view over memory that outlives the call, or a raw address. */
export type Memory = ArrayBufferView | bigint | null;

/**
 * The C library's calls, as they are: each returns what the kernel returned (-1 for failure, then `errno()`).
 * All but `poll` and `ppoll` return at once on non-blocking descriptors.
 */
export interface Libc {
  socket(family: number, type: number, protocol: number): number;
  bind(fd: number, address: Memory, length: number): number;
  connect(fd: number, address: Memory, length: number): number;
  getsockname(fd: number, address: Memory, length: Memory): number;
  setsockopt(fd: number, level: number, option: number, value: Memory, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Memory, length: Memory): number;
  sendmmsg(fd: number, headers: Memory, count: number, flags: number): number;
  recvmmsg(fd: number, headers: Memory, count: number, flags: number, timeout: Memory): number;
  poll(fds: Memory, count: number, timeoutMs: number): number;
  ppoll(fds: Memory, count: number, timeout: Memory | null, signals: null): number;
  eventfd(initial: number, flags: number): number;
  read(fd: number, buffer: Memory, length: number): number;
  write(fd: number, buffer: Memory, length: number): number;
  open(path: string, flags: number): number;
  close(fd: number): number;
  ioctl(fd: number, request: number, argument: Memory): number;
  setns(fd: number, kind: number): number;
  unshare(flags: number): number;
  if_nametoindex(name: string): number;
  clock_gettime(clock: number, time: Memory): number;
  /** The errno of the last failed call of this thread. */
  errno(): number;
  /** The address of a view's first byte; valid for as long as the view is referenced. */
  address(view: ArrayBufferView): bigint;
}

let loaded: Libc | undefined;

/**
 * The C library of this process, loaded at the first call.
 * @throws NotSupportedError on other platforms than 64-bit Linux (x86_64, arm64), or where koffi cannot be loaded
 */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

/** Why kernel sockets are not available here, or undefined where they are. */
export function whyNotSupported(): string | undefined {
  try {
    libc();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The result of a call, or a thrown `SystemCallError` if it is negative. */
export function check(result: number, call: string, about?: string): number {
  if (result < 0) throw new SystemCallError(call, libc().errno(), about);
  return result;
}

function load(): Libc {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    throw new NotSupportedError(
      `kernel sockets need Linux on x86_64 or arm64, this is ${process.platform} ${process.arch}`,
    );
  }
  const koffi = loadKoffi();
  const library = koffi.load(null);
  const p = 'void *';
  const calls: Libc = {
    socket: library.func('socket', 'int', ['int', 'int', 'int']),
    bind: library.func('bind', 'int', ['int', p, 'uint']),
    connect: library.func('connect', 'int', ['int', p, 'uint']),
    getsockname: library.func('getsockname', 'int', ['int', p, p]),
    setsockopt: library.func('setsockopt', 'int', ['int', 'int', 'int', p, 'uint']),
    getsockopt: library.func('getsockopt', 'int', ['int', 'int', 'int', p, p]),
    sendmmsg: library.func('sendmmsg', 'int', ['int', p, 'uint', 'int']),
    recvmmsg: library.func('recvmmsg', 'int', ['int', p, 'uint', 'int', p]),
    poll: library.func('poll', 'int', [p, 'ulong', 'int']),
    ppoll: library.func('ppoll', 'int', [p, 'ulong', p, p]),
    eventfd: library.func('eventfd', 'int', ['uint', 'int']),
    read: library.func('read', 'int64', ['int', p, 'size_t']),
    write: library.func('write', 'int64', ['int', p, 'size_t']),
    open: library.func('open', 'int', ['str', 'int']),
    close: library.func('close', 'int', ['int']),
    ioctl: library.func('ioctl', 'int', ['int', 'ulong', p]),
    setns: library.func('setns', 'int', ['int', 'int']),
    unshare: library.func('unshare', 'int', ['int']),
    if_nametoindex: library.func('if_nametoindex', 'uint', ['str']),
    clock_gettime: library.func('clock_gettime', 'int', ['int', p]),
    errno: () => koffi.errno(),
    address: (view) => koffi.address(view),
  };
  checkLayouts(koffi, calls);
  return Object.freeze(calls);
}

function loadKoffi(): typeof Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as typeof Koffi;
  } catch (error) {
    throw new NotSupportedError(`koffi has no binary for this host: ${error instanceof Error ? error.message : error}`);
  }
}

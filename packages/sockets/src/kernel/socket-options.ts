import { SO_RCVBUF, SO_RCVBUFFORCE, SO_SNDBUF, SO_SNDBUFFORCE, SOL_SOCKET } from './constants.ts';
import { check, libc } from './libc.ts';

/** Used again and again: the calls are synchronous. */
const given = new Int32Array(1);
const answer = new Int32Array(1);
const answerLength = new Uint32Array(1);

/**
 * Sets an option that takes an int.
 * @throws SystemCallError naming the option as `about`
 */
export function setIntOption(fd: number, level: number, option: number, value: number, about: string): void {
  given[0] = value;
  check(libc().setsockopt(fd, level, option, given, 4), 'setsockopt', about);
}

/**
 * Reads an option that gives an int.
 * @throws SystemCallError naming the option as `about`
 */
export function getIntOption(fd: number, level: number, option: number, about: string): number {
  answerLength[0] = 4;
  check(libc().getsockopt(fd, level, option, answer, answerLength), 'getsockopt', about);
  return answer[0] ?? 0;
}

/** Asks for `bytes` of receive and send buffer: beyond the host's limit where permitted, else up to it. */
export function growBuffers(fd: number, bytes: number): void {
  const calls = libc();
  const value = new Int32Array([bytes]);
  if (calls.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, value, 4) < 0) {
    setIntOption(fd, SOL_SOCKET, SO_RCVBUF, bytes, 'SO_RCVBUF');
  }
  if (calls.setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, value, 4) < 0) {
    setIntOption(fd, SOL_SOCKET, SO_SNDBUF, bytes, 'SO_SNDBUF');
  }
}

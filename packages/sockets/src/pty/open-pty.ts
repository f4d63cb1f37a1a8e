import { closeSync, constants, openSync } from 'node:fs';
import { check, libc } from '../kernel/libc.ts';

/** Source: asm-generic/ioctls.h. */
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;

/** A pseudoterminal, for suites: what a program writes to `program` is read from `reader`. Nobody reads it otherwise. */
export interface Pty {
  /** Descriptor for a program's standard streams. */
  readonly program: number;
  /** Descriptor of the side where a terminal emulator reads. It does not block. */
  readonly reader: number;
  close(): void;
}

/** Opens a pseudoterminal. Linux. @throws SystemCallError */
export function openPty(): Pty {
  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
  const reader = openSync('/dev/ptmx', O_RDWR | O_NOCTTY | O_NONBLOCK);
  const number = new Int32Array(1);
  check(libc().ioctl(reader, TIOCSPTLCK, number), 'ioctl', 'TIOCSPTLCK');
  check(libc().ioctl(reader, TIOCGPTN, number), 'ioctl', 'TIOCGPTN');
  const program = openSync(`/dev/pts/${number[0]}`, O_RDWR | O_NOCTTY);
  return {
    program,
    reader,
    close() {
      closeSync(program);
      closeSync(reader);
    },
  };
}

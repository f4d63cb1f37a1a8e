import { IFF_NO_PI, IFF_TUN, O_CLOEXEC, O_NONBLOCK, O_RDWR, TUNSETIFF } from '../kernel/constants.ts';
import { SystemCallError } from '../kernel/errors.ts';
import { check, libc } from '../kernel/libc.ts';

const EAGAIN = 11;
const IFNAMSIZ = 16;
const IFREQ_SIZE = 40;

/** A TUN device: a network interface whose packets (bare IP, without a link header) this process carries. */
export interface Tun {
  /** The interface's name as the kernel gave it (`lab%d` becomes `lab0`). */
  readonly name: string;
  /** The descriptor, for `pollFds`. */
  readonly fd: number;
  /** Reads one packet into `buffer`; returns its length in bytes, or `again` if none waits. */
  read(buffer: Uint8Array): number | 'again';
  /** Writes one packet; returns the bytes taken, or `again` if the device's queue is full. */
  write(buffer: Uint8Array, length: number): number | 'again';
  /** Waits up to `timeoutMs` (-1: without end) until a packet can be read. */
  poll(timeoutMs: number): boolean;
  close(): void;
}

/**
 * Opens (creating it where absent) the TUN device `name` in the calling thread's network namespace, non-blocking.
 * The interface is down and without an address until `ip link set NAME up` and `ip address add`; it goes with `close`.
 * @throws SystemCallError naming the call (EPERM: needs CAP_NET_ADMIN in this namespace), NotSupportedError
 */
export function openTun(name: string): Tun {
  if (!/^[\w.%-]{1,15}$/.test(name)) {
    throw new RangeError(`name must be 1 to 15 letters, digits, dots or dashes, got ${JSON.stringify(name)}`);
  }
  const calls = libc();
  const fd = check(calls.open('/dev/net/tun', O_RDWR | O_NONBLOCK | O_CLOEXEC), 'open', '/dev/net/tun');
  const request = Buffer.alloc(IFREQ_SIZE);
  request.write(name, 'latin1');
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFNAMSIZ);
  if (calls.ioctl(fd, TUNSETIFF, request) < 0) {
    const errno = calls.errno();
    calls.close(fd);
    throw new SystemCallError('ioctl(TUNSETIFF)', errno, name);
  }
  return tunOver(fd, request.toString('latin1', 0, request.indexOf(0)));
}

function tunOver(fd: number, name: string): Tun {
  const calls = libc();
  const pollfd = new Int32Array([fd, 1]);
  let open = true;
  return Object.freeze({
    name,
    fd,
    read: (buffer: Uint8Array) => lengthOrAgain(calls.read(fd, buffer, buffer.byteLength), 'read', name),
    write(buffer: Uint8Array, length: number) {
      if (length > buffer.byteLength)
        throw new RangeError(`length ${length} exceeds the buffer's ${buffer.byteLength}`);
      return lengthOrAgain(calls.write(fd, buffer, length), 'write', name);
    },
    poll: (timeoutMs: number) => calls.poll(pollfd, 1, timeoutMs) > 0,
    close() {
      if (open) calls.close(fd);
      open = false;
    },
  });
}

function lengthOrAgain(result: number, call: string, name: string): number | 'again' {
  if (result >= 0) return result;
  const errno = libc().errno();
  if (errno === EAGAIN) return 'again';
  throw new SystemCallError(call, errno, name);
}

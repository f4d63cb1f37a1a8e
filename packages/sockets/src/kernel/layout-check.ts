import { endianness } from 'node:os';
import type * as KoffiModule from 'koffi';
import { CLOCK_MONOTONIC } from './constants.ts';
import { NotSupportedError } from './errors.ts';
import {
  CMSGHDR,
  IOVEC,
  MMSGHDR,
  MSGHDR,
  POLLFD,
  SOCK_EXTENDED_ERR,
  SOCK_FPROG,
  SOCKADDR_IN,
  SOCKADDR_IN6,
  TIMESPEC,
} from './layouts.ts';

/** The one call that is compared with another clock. */
interface ClockCalls {
  clock_gettime(clock: number, time: ArrayBufferView): number;
}

type Koffi = typeof KoffiModule;

/**
 * Compares our offsets with those that the C ABI of this host yields, and one live call with another clock.
 * @throws NotSupportedError naming the first structure that differs
 */
export function checkLayouts(koffi: Koffi, calls: ClockCalls): void {
  if (endianness() !== 'LE') throw new NotSupportedError('kernel structures are laid out for little-endian hosts');
  const msghdr = koffi.struct({
    name: 'void *',
    nameLength: 'uint',
    iov: 'void *',
    iovLength: 'size_t',
    control: 'void *',
    controlLength: 'size_t',
    flags: 'int',
  });
  expect(koffi, 'msghdr', msghdr, MSGHDR);
  expect(koffi, 'mmsghdr', koffi.struct({ header: msghdr, length: 'uint' }), MMSGHDR);
  expect(koffi, 'timespec', koffi.struct({ seconds: 'long', nanoseconds: 'long' }), TIMESPEC);
  expect(koffi, 'iovec', koffi.struct({ base: 'void *', length: 'size_t' }), IOVEC);
  expect(koffi, 'cmsghdr', koffi.struct({ length: 'size_t', level: 'int', type: 'int' }), CMSGHDR);
  expect(koffi, 'pollfd', koffi.struct({ fd: 'int', events: 'short', returned: 'short' }), POLLFD);
  expect(koffi, 'sock_fprog', koffi.struct({ count: 'uint16', filter: 'void *' }), SOCK_FPROG);
  checkAddresses(koffi);
  checkLiveClock(calls);
}

function checkAddresses(koffi: Koffi): void {
  const four = koffi.struct({ family: 'uint16', port: 'uint16', address: 'uint32', zero: koffi.array('uint8', 8) });
  expect(koffi, 'sockaddr_in', four, SOCKADDR_IN);
  const six = koffi.struct({
    family: 'uint16',
    port: 'uint16',
    flow: 'uint32',
    address: koffi.array('uint8', 16),
    scope: 'uint32',
  });
  expect(koffi, 'sockaddr_in6', six, SOCKADDR_IN6);
  const error = koffi.struct({
    errno: 'uint32',
    origin: 'uint8',
    type: 'uint8',
    code: 'uint8',
    pad: 'uint8',
    info: 'uint32',
    data: 'uint32',
  });
  expect(koffi, 'sock_extended_err', error, SOCK_EXTENDED_ERR);
}

function expect(
  koffi: Koffi,
  name: string,
  type: KoffiModule.TypeObject,
  ours: Readonly<Record<string, number>>,
): void {
  const members = koffi.type(type).members ?? {};
  for (const [field, offset] of Object.entries(ours)) {
    const actual = field === 'size' ? koffi.sizeof(type) : members[field]?.offset;
    if (actual !== undefined && actual !== offset) {
      throw new NotSupportedError(`struct ${name}: ${field} is ${actual} on this host, ${offset} was expected`);
    }
  }
}

/** The kernel fills a timespec where we read it: the monotonic clock agrees with Node's reading of it. */
function checkLiveClock(calls: ClockCalls): void {
  const time = new BigInt64Array(2);
  const before = process.hrtime.bigint();
  calls.clock_gettime(CLOCK_MONOTONIC, time);
  const after = process.hrtime.bigint();
  const now = (time[0] ?? 0n) * 1_000_000_000n + (time[1] ?? 0n);
  if (now < before || now > after) throw new NotSupportedError('struct timespec is not laid out as expected');
}

/**
 * Sizes and offsets, in bytes, of the kernel's structures on 64-bit little-endian Linux.
 * `layout-check.ts` compares them with what the C ABI gives on this host before the first call.
 */
export const TIMESPEC = Object.freeze({ size: 16, seconds: 0, nanoseconds: 8 });
export const IOVEC = Object.freeze({ size: 16, base: 0, length: 8 });
export const MSGHDR = Object.freeze({
  size: 56,
  name: 0,
  nameLength: 8,
  iov: 16,
  iovLength: 24,
  control: 32,
  controlLength: 40,
  flags: 48,
});
/** `struct mmsghdr`: a `msghdr` and the length that the kernel moved, padded to 64 bytes. */
export const MMSGHDR = Object.freeze({ size: 64, length: 56 });
export const CMSGHDR = Object.freeze({ size: 16, length: 0, level: 8, type: 12, data: 16 });
export const POLLFD = Object.freeze({ size: 8, fd: 0, events: 4, returned: 6 });
export const SOCKADDR_IN = Object.freeze({ size: 16, family: 0, port: 2, address: 4 });
export const SOCKADDR_IN6 = Object.freeze({ size: 28, family: 0, port: 2, flow: 4, address: 8, scope: 24 });
export const SOCK_FPROG = Object.freeze({ size: 16, count: 0, filter: 8 });
export const SOCK_FILTER = Object.freeze({ size: 8 });
export const SOCK_EXTENDED_ERR = Object.freeze({ size: 16, errno: 0, origin: 4, type: 5, code: 6, info: 8, data: 12 });
export const SOCKADDR_LL = Object.freeze({ size: 20, family: 0, protocol: 2, index: 4, packetType: 10 });

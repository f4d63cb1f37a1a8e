import {
  IP_RECVERR,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_RECVERR,
  SO_TIMESTAMPING,
  SOL_SOCKET,
} from './constants.ts';
import { CMSGHDR, SOCK_EXTENDED_ERR } from './layouts.ts';
import type { MessageBatch } from './message-batch.ts';

/**
 * The control data of one message: the kernel's software stamp, the received TTL, and for entries of the error queue
 * the kernel's `sock_extended_err`. One object is filled again and again; read it before the next `decodeAncillary`.
 */
export interface Ancillary {
  /** Kernel stamp in nanoseconds since `baseSeconds` of the wall clock; NaN if there is none. */
  stampNs: number;
  /** Received TTL or hop limit; -1 if not given. */
  ttl: number;
  /** True if there is a `sock_extended_err`, whose fields follow. */
  hasError: boolean;
  errno: number;
  origin: number;
  type: number;
  code: number;
  info: number;
  data: number;
  /** Where the offender's socket address lies in the batch's bytes. */
  offenderAt: number;
}

/** An empty `Ancillary` to be filled. */
export function createAncillary(): Ancillary {
  return {
    stampNs: Number.NaN,
    ttl: -1,
    hasError: false,
    errno: 0,
    origin: 0,
    type: 0,
    code: 0,
    info: 0,
    data: 0,
    offenderAt: 0,
  };
}

/** Decodes the control data of message `index` into `into`. */
export function decodeAncillary(batch: MessageBatch, index: number, baseSeconds: number, into: Ancillary): void {
  const { words } = batch;
  into.stampNs = Number.NaN;
  into.ttl = -1;
  into.hasError = false;
  let at = batch.controlAt(index);
  const end = at + Math.min(batch.controlLengthOf(index), batch.shape.controlBytes);
  while (at + CMSGHDR.size <= end) {
    const length = words[at >> 2] ?? 0;
    if (length < CMSGHDR.size) return;
    const level = words[(at + CMSGHDR.level) >> 2] ?? 0;
    const type = words[(at + CMSGHDR.type) >> 2] ?? 0;
    const data = at + CMSGHDR.data;
    if (level === SOL_SOCKET && type === SO_TIMESTAMPING) into.stampNs = stamp(words, data, baseSeconds);
    else if (isTtl(level, type)) into.ttl = words[data >> 2] ?? -1;
    else if (isError(level, type)) decodeError(batch, data, into);
    at += (length + 7) & ~7;
  }
}

function isTtl(level: number, type: number): boolean {
  return (level === IPPROTO_IP && type === IP_TTL) || (level === IPPROTO_IPV6 && type === IPV6_HOPLIMIT);
}

function isError(level: number, type: number): boolean {
  return (level === IPPROTO_IP && type === IP_RECVERR) || (level === IPPROTO_IPV6 && type === IPV6_RECVERR);
}

/** The software stamp is the first of the three that the kernel writes; all zero means that there is none. */
function stamp(words: Uint32Array, at: number, baseSeconds: number): number {
  const seconds = words[at >> 2] ?? 0;
  if (seconds === 0) return Number.NaN;
  return (seconds - baseSeconds) * 1e9 + (words[(at + 8) >> 2] ?? 0);
}

function decodeError(batch: MessageBatch, at: number, into: Ancillary): void {
  const { bytes, words } = batch;
  into.hasError = true;
  into.errno = words[at >> 2] ?? 0;
  into.origin = bytes[at + SOCK_EXTENDED_ERR.origin] ?? 0;
  into.type = bytes[at + SOCK_EXTENDED_ERR.type] ?? 0;
  into.code = bytes[at + SOCK_EXTENDED_ERR.code] ?? 0;
  into.info = words[(at + SOCK_EXTENDED_ERR.info) >> 2] ?? 0;
  into.data = words[(at + SOCK_EXTENDED_ERR.data) >> 2] ?? 0;
  into.offenderAt = at + SOCK_EXTENDED_ERR.size;
}

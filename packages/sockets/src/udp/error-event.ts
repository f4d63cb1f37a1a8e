import type { Ancillary } from '../kernel/ancillary.ts';
import { SO_EE_ORIGIN_LOCAL } from '../kernel/constants.ts';
import { errnoName } from '../kernel/errors.ts';
import { readSocketAddress } from '../kernel/ip-address.ts';
import type { MessageBatch } from '../kernel/message-batch.ts';
import type { UdpError } from './types.ts';

/** A datagram that was handed to the kernel, with the clocks just before. */
export interface Sent {
  readonly id: number;
  readonly monoNs: number;
  readonly wallNs: number;
  readonly epoch: number;
}

const EMSGSIZE = 90;

/** Turns an entry of the error queue into an event. */
export function errorEvent(batch: MessageBatch, index: number, entry: Readonly<Ancillary>, monoNs: number): UdpError {
  const local = entry.origin === SO_EE_ORIGIN_LOCAL;
  const at = batch.payloadAt(index);
  const offender = readSocketAddress(batch.bytes, entry.offenderAt);
  const to = batch.nameLengthOf(index) > 0 ? readSocketAddress(batch.bytes, batch.nameAt(index)) : undefined;
  return {
    kind: 'error',
    origin: local ? 'local' : 'icmp',
    code: errnoName(entry.errno),
    errno: entry.errno,
    payload: batch.bytes.slice(at, at + batch.lengthOf(index)),
    monoNs,
    ...(local ? {} : { icmpType: entry.type, icmpCode: entry.code }),
    ...(entry.errno === EMSGSIZE ? { mtu: entry.info } : {}),
    ...(offender === undefined ? {} : { offender: offender.address }),
    ...(to === undefined ? {} : to),
    ...(Number.isNaN(entry.stampNs) ? {} : { rxNs: entry.stampNs }),
  };
}

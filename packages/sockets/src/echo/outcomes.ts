import { constants } from 'node:os';
import { errnoName } from '../kernel/errors.ts';
import { formatIpAddress } from '../kernel/ip-address.ts';
import { ADDRESS_BYTES, type DoneMessage, failureKinds, OUTCOME } from './boundary.ts';
import { errorBoundNs } from './error-bound.ts';
import type { CheckedRequest } from './requests.ts';
import type { TrainOutcome } from './train-outcome.ts';
import type { EchoCapability, EchoError, EchoTrain, EchoVia } from './types.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Splits a message into its trains. */
export function* outcomesOf(message: DoneMessage): Generator<TrainOutcome> {
  let rttsAt = 0;
  for (let at = 0, index = 0; at < message.numbers.length; at += OUTCOME.columns, index += 1) {
    const value = (column: keyof typeof OUTCOME) => message.numbers[at + OUTCOME[column]] ?? Number.NaN;
    const rttsNs = message.rtts.slice(rttsAt, rttsAt + value('rtts'));
    rttsAt += rttsNs.length;
    const offender = message.offenders.subarray(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES);
    yield { id: value('id'), rttsNs, value, offender };
  }
}

/** What the engine's opener knows of this host: why a family has no socket, and how long its own stack takes. */
export interface HostFacts {
  readonly capability: EchoCapability;
  readonly stackNs: number | undefined;
}

/** Converts a row to the caller's result. */
export function trainOf(outcome: TrainOutcome, checked: CheckedRequest, facts: HostFacts): EchoTrain {
  const { value } = outcome;
  const train: Mutable<EchoTrain> = {
    address: checked.request.address,
    family: checked.address.family,
    rttsNs: outcome.rttsNs,
    sent: value('sent'),
    received: value('received'),
    duplicates: value('duplicates'),
    late: value('late'),
    reordered: value('reordered'),
    truncated: value('truncated'),
    corrupted: value('corrupted'),
    icmpErrors: value('icmpErrors'),
    kernelStamped: value('kernelStamped'),
    processStamped: value('processStamped'),
    localDrops: value('localDrops'),
    lateSends: value('lateSends'),
    largestBurst: value('largestBurst'),
  };
  const via = viaByNumber[value('via')];
  if (via !== undefined) train.via = via;
  if (value('replyTtl') >= 0) train.replyTtl = value('replyTtl');
  const bound = errorBoundNs(outcome, facts.stackNs);
  if (bound !== undefined) train.errorBoundNs = bound;
  const error = errorOf(outcome, checked, facts.capability);
  if (error !== undefined) train.error = error;
  return Object.freeze(train);
}

const viaByNumber: readonly (EchoVia | undefined)[] = [undefined, 'ping-socket', 'raw'];

function errorOf(outcome: TrainOutcome, checked: CheckedRequest, capability: EchoCapability): EchoError | undefined {
  const { address } = checked.request;
  const failure = failureKinds[outcome.value('failure')] ?? 'none';
  switch (failure) {
    case 'none':
      return undefined;
    case 'send':
      return sendError(outcome.value('errno'), address);
    case 'icmp':
      return icmpError(outcome, checked);
    case 'no-socket':
      return noSocket(address, capability);
    case 'cancelled':
      return { kind: 'cancelled', call: 'train', address, message: 'the train was cancelled before it was complete' };
  }
}

function sendError(errno: number, address: string): EchoError {
  const code = errnoName(errno);
  const message = `sendmmsg to ${address} failed: ${code}`;
  return { kind: sendErrorKind(errno), call: 'sendmmsg', address, code, message };
}

function sendErrorKind(errno: number): EchoError['kind'] {
  const { errno: e } = constants;
  if ([e.ENETUNREACH, e.EHOSTUNREACH, e.ENETDOWN, e.ECONNREFUSED, e.EADDRNOTAVAIL].includes(errno))
    return 'unreachable';
  if (errno === e.EACCES || errno === e.EPERM) return 'permission';
  if (errno === e.EAFNOSUPPORT || errno === e.EOPNOTSUPP) return 'unsupported';
  return 'local_resource';
}

const TIME_EXCEEDED = 11;
const TIME_EXCEEDED_V6 = 3;

function icmpError({ value, offender }: TrainOutcome, { request, address }: CheckedRequest): EchoError {
  const from = formatIpAddress(offender.subarray(0, address.family === 4 ? 4 : 16));
  const known = offender.some((byte) => byte !== 0);
  const type = value('icmpType');
  const exceeded = type === (address.family === 4 ? TIME_EXCEEDED : TIME_EXCEEDED_V6);
  const error: Mutable<EchoError> = {
    kind: exceeded ? 'ttl_exceeded' : 'unreachable',
    call: 'icmp',
    address: request.address,
    code: errnoName(value('errno')),
    icmpType: type,
    icmpCode: value('icmpCode'),
    message: `${known ? from : 'a host'} answered an echo to ${request.address} with ICMP type ${type} code ${value('icmpCode')}`,
  };
  if (known) error.offender = from;
  return error;
}

function noSocket(address: string, capability: EchoCapability): EchoError {
  const absent = capability.via === 'absent' ? capability : undefined;
  const kind = absent?.reason === 'not_supported' ? 'unsupported' : 'permission';
  const remedy = absent?.remedy === undefined ? '' : `; to allow them: ${absent.remedy}`;
  return { kind, call: 'socket', address, message: `${absent?.message ?? 'no ICMP socket could be opened'}${remedy}` };
}

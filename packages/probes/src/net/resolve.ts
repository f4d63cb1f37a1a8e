import type { LookupAddress, LookupAllOptions } from 'node:dns';
import hostDns from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { StopSignal } from '@netsonde/sockets';
import { RESOLVE_SECONDS } from '../contract/common-options.ts';
import {
  type Addresses,
  type AddressFamily,
  type Clock,
  type ResolvedAddress,
  RunFailure,
} from '../contract/context.ts';
import { codeOf } from '../contract/network-error.ts';
import { whyNotAHost } from '../contract/not-a-host.ts';
import type { Finding } from '../contract/outcome.ts';
import { Patience } from './patience.ts';
import { systemClock } from './system-clock.ts';

/**
 * The system resolver's answer for a host; an address literal is returned as it is. A resolver that has not answered
 * within {@link RESOLVE_SECONDS} has failed, and never counts as a timeout of the target.
 * @throws RunFailure, or the signal's reason
 */
export async function resolveHost(
  host: string,
  family: AddressFamily,
  signal: StopSignal,
  clock: Clock = systemClock,
): Promise<Addresses> {
  const literal = isIP(host);
  if (literal === 4 || literal === 6) return literalAddress(host, literal, family);
  try {
    const found = await lookUp(host, family, signal, clock);
    const hosts = found.filter(({ address }) => whyNotAHost(address) === null).map(resolvedAddress);
    const [first, ...more] = hosts.filter(({ address }) => !lacksZone(address));
    if (first !== undefined) return [first, ...more];
    const [ambiguous] = hosts;
    if (ambiguous !== undefined) throw noZone(host, ambiguous.address);
    const [other] = found;
    if (other !== undefined) throw notAHost(host, other.address);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RunFailure) throw error;
    throw await failureOf(error, host, family, signal, clock);
  }
  throw noAddress(host, family);
}

/** Returns the answer, unless it takes too long or the run is stopped. The C library's resolver cannot be cancelled. */
function lookUp(
  host: string,
  family: AddressFamily,
  signal: StopSignal,
  clock: Clock,
): Promise<readonly LookupAddress[]> {
  const wanted: LookupAllOptions = { all: true, family: family === 'any' ? 0 : family, order: 'verbatim' };
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      endWait();
      signal.removeEventListener('abort', stop);
      settle();
    };
    const stop = () => end(() => reject(signal.reason));
    const late = Object.assign(new Error('the resolver is too slow'), {
      code: `no answer within ${RESOLVE_SECONDS} s`,
    });
    const endWait = new Patience(clock, RESOLVE_SECONDS * 1000).wait(() => end(() => reject(late)));
    signal.addEventListener('abort', stop);
    lookup(host, wanted).then(
      (answer) => end(() => resolve(answer)),
      (error) => end(() => reject(error)),
    );
  });
}

const resolvedAddress = ({ address, family }: LookupAddress): ResolvedAddress => ({
  address,
  family: family === 6 ? 6 : 4,
});

function literalAddress(address: string, literal: 4 | 6, family: AddressFamily): Addresses {
  if (whyNotAHost(address) !== null) throw notAHost(address, address);
  const zone = literal === 6 ? address.split('%')[1] : undefined;
  if (zone !== undefined && !isInterface(zone)) throw noInterface(address, zone);
  if (lacksZone(address)) throw noZone(address, address);
  if (family === 'any' || family === literal) return [{ address, family: literal }];
  throw new RunFailure(
    { cause: 'unsupported', side: 'agent', operation: `resolve ${address}` },
    `${address} is an IPv${literal} address, and only IPv${family} was asked for`,
  );
}

/** By its name or number. Newer versions of Node do not report an interface that does not exist. */
function isInterface(zone: string): boolean {
  return Object.entries(networkInterfaces()).some(
    ([name, addresses]) =>
      name === zone || addresses?.some((one) => one.family === 'IPv6' && `${one.scopeid}` === zone && zone !== '0'),
  );
}

/**
 * Whether it is in fe80::/10, which is local to each link, and has no zone. Source: RFC 4007 section 6 (zone indices)
 */
const lacksZone = (address: string): boolean => /^fe[89ab][0-9a-f]:/i.test(address) && !address.includes('%');

function noZone(host: string, address: string): RunFailure {
  const finding = { cause: 'unsupported', side: 'agent', operation: `resolve ${host}` } as const;
  const what = host === address ? `${address} is` : `${host} resolves to ${address}, which is`;
  return new RunFailure(
    finding,
    `${what} a link-local address: this host cannot tell on which link, give it with its zone (${address}%eth0)`,
  );
}

function noInterface(address: string, zone: string): RunFailure {
  const finding = { cause: 'local_network', side: 'agent', operation: `resolve ${address}` } as const;
  return new RunFailure(
    finding,
    `${address} names the interface ${zone}, and this host has none of that name that is up`,
  );
}

async function failureOf(
  error: unknown,
  host: string,
  family: AddressFamily,
  signal: StopSignal,
  clock: Clock,
): Promise<RunFailure> {
  const operation = `resolve ${host}`;
  const code = codeOf(error);
  if (code === 'ENOTFOUND' && family !== 'any') {
    // The C library returns the same error for a missing name and for a name with addresses of the other family only.
    const anyAtAll = await lookUp(host, 'any', signal, clock).catch((other: unknown) => other);
    signal.throwIfAborted();
    return Array.isArray(anyAtAll) ? noAddress(host, family) : failureOf(anyAtAll, host, 'any', signal, clock);
  }
  if (code === 'ENOTFOUND')
    return new RunFailure({ cause: 'nxdomain', side: 'target', operation }, `the resolver knows no address of ${host}`);
  if (code === 'ENODATA' || code === 'EAI_ADDRFAMILY') return noAddress(host, family);
  return new RunFailure(
    { cause: 'resolver_failed', side: 'resolver', operation, ...evidenceOfResolvers() },
    `the resolver failed for ${host}: ${code}`,
  );
}

/** The system's resolvers are silent or unreachable from this host. */
function evidenceOfResolvers(): Pick<Finding, 'evidence'> {
  const addresses = hostDns.getServers().map((server) => /^\[?([^\]]*?)\]?(:\d+)?$/.exec(server)?.[1] ?? server);
  const hosts = addresses.filter((address) => isIP(address) !== 0);
  return hosts.length === 0 ? {} : { evidence: hosts.map((address) => ({ address, fact: 'silence' as const })) };
}

function noAddress(host: string, family: AddressFamily): RunFailure {
  const of = family === 'any' ? 'address' : `IPv${family} address`;
  const finding = { cause: 'no_address', side: 'target', operation: `resolve ${host}` } as const;
  return new RunFailure(finding, `${host} has no ${of}: ask for the other family, or give a name that has one`);
}

/** The answer of a DNS filter that blocks a name: 0.0.0.0. */
function notAHost(host: string, address: string): RunFailure {
  const finding = { cause: 'no_address', side: 'target', operation: `resolve ${host}` } as const;
  return new RunFailure(
    finding,
    `${host} resolves to ${address}, which is ${whyNotAHost(address)}, not that of a host`,
  );
}

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type AddressFamily, type ResolvedAddress, RunFailure } from './context.ts';

/**
 * The system resolver's answer for a host; an address literal is returned as it is.
 * @throws RunFailure: nxdomain lies with the target, no_address of a family with the target, all else with the resolver.
 */
export async function resolveHost(host: string, family: AddressFamily): Promise<readonly ResolvedAddress[]> {
  const literal = isIP(host);
  if (literal === 4 || literal === 6) return literalAddress(host, literal, family);
  const operation = `resolve ${host}`;
  try {
    const found = await lookup(host, { all: true, family: family === 'any' ? 0 : family, order: 'verbatim' });
    return found.map(({ address, family: of }) => ({ address, family: of === 6 ? 6 : 4 }));
  } catch (error) {
    throw failureOf(error, host, operation);
  }
}

function literalAddress(address: string, literal: 4 | 6, family: AddressFamily): readonly ResolvedAddress[] {
  if (family === 'any' || family === literal) return [{ address, family: literal }];
  throw new RunFailure(
    { cause: 'no_address', side: 'target', operation: `resolve ${address}` },
    `${address} is an IPv${literal} address, and only IPv${family} was asked for`,
  );
}

function failureOf(error: unknown, host: string, operation: string): RunFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOTFOUND')
    return new RunFailure({ cause: 'nxdomain', side: 'target', operation }, `the resolver knows no address of ${host}`);
  if (code === 'ENODATA' || code === 'EAI_ADDRFAMILY')
    return new RunFailure(
      { cause: 'no_address', side: 'target', operation },
      `${host} has no address of the wanted family`,
    );
  return new RunFailure(
    { cause: 'resolver_failed', side: 'resolver', operation },
    `the resolver failed for ${host}: ${code}`,
  );
}

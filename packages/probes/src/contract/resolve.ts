import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { RESOLVE_SECONDS } from './common-options.ts';
import { type AddressFamily, type ResolvedAddress, RunFailure } from './context.ts';

/**
 * The system resolver's answer for a host; an address literal is returned as it is. A resolver that has not answered
 * within {@link RESOLVE_SECONDS} has failed: its slowness is never a timeout of the target.
 *  *
 * @throws the signal's reason
 */
export async function resolveHost(
  host: string,
  family: AddressFamily,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  const literal = isIP(host);
  if (literal === 4 || literal === 6) return literalAddress(host, literal, family);
  const operation = `resolve ${host}`;
  try {
    const all = { all: true, family: family === 'any' ? 0 : family, order: 'verbatim' } as const;
    const found = await answerOf(lookup(host, all), signal);
    return found.map(({ address, family: of }) => ({ address, family: of === 6 ? 6 : 4 }));
  } catch (error) {
    signal.throwIfAborted();
    throw failureOf(error, host, operation);
  }
}

/** The answer, unless it takes too long or the run is stopped: the C library's resolver itself cannot be stopped. */
function answerOf<T>(lookedUp: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => end(() => reject(signal.reason));
    const late = Object.assign(new Error('the resolver is too slow'), {
      code: `no answer within ${RESOLVE_SECONDS} s`,
    });
    const timer = setTimeout(() => end(() => reject(late)), RESOLVE_SECONDS * 1000);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      settle();
    };
    signal.addEventListener('abort', stop, { once: true });
    lookedUp.then(
      (answer) => end(() => resolve(answer)),
      (error) => end(() => reject(error)),
    );
  });
}

function literalAddress(address: string, literal: 4 | 6, family: AddressFamily): readonly ResolvedAddress[] {
  if (family === 'any' || family === literal) return [{ address, family: literal }];
  throw new RunFailure(
    { cause: 'unsupported', side: 'agent', operation: `resolve ${address}` },
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

import { describe, expect, test } from 'vitest';
import { RunFailure, RunStopped } from '../contract/context.ts';
import { resolveHost } from './resolve.ts';

const never = new AbortController().signal;

describe('resolving a host', () => {
  test('returns an address literal as it is', async () => {
    expect(await resolveHost('::1', 'any', never)).toEqual([{ address: '::1', family: 6 }]);
    expect(await resolveHost('127.0.0.1', 4, never)).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });

  test('fails for a literal of a family that was not requested', async () => {
    const failure = await resolveHost('::1', 4, never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RunFailure);
    expect((failure as RunFailure).finding).toEqual({ cause: 'unsupported', side: 'agent', operation: 'resolve ::1' });
  });

  test('accepts a link-local address only with an interface of this host', async () => {
    const failure = await resolveHost('fe80::1%none9', 'any', never).catch((error: unknown) => error);
    expect((failure as RunFailure).finding).toMatchObject({ cause: 'local_network', side: 'agent' });
    expect((failure as RunFailure).message).toContain('interface none9');
    const zoneless = await resolveHost('fe80::1', 'any', never).catch((error: unknown) => error);
    expect((zoneless as RunFailure).finding).toMatchObject({ cause: 'unsupported', side: 'agent' });
    expect((zoneless as RunFailure).message).toContain('cannot tell on which link');
    expect(await resolveHost('fe80::1%lo', 'any', never)).toEqual([{ address: 'fe80::1%lo', family: 6 }]);
  });

  test('queries the system for a name, with the requested family', async () => {
    expect(await resolveHost('localhost', 4, never)).toContainEqual({ address: '127.0.0.1', family: 4 });
  });

  test('rejects with the reason of a stopped run', async () => {
    const stop = new AbortController();
    const resolving = resolveHost('localhost', 'any', stop.signal);
    stop.abort(new RunStopped('cancelled'));
    await expect(resolving).rejects.toBe(stop.signal.reason);
  });
});

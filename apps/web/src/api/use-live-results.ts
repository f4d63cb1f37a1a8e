import type { Result } from '@netsonde/protocol/api';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useLiveEvent } from './live.ts';

const FLUSH_MS = 250;

const REFETCH_MS = 2000;

/** Reads again what a test's new results have changed, at most every two seconds. */
export function useRefetchOnResults(test: number, refetch: () => unknown): void {
  const asked = useRef({ ms: 0, timer: undefined as ReturnType<typeof setTimeout> | undefined });
  const ask = useEffectEvent(() => {
    asked.current = { ms: performance.now(), timer: undefined };
    refetch();
  });
  useLiveResults((results) => {
    if (asked.current.timer !== undefined || !results.some((result) => result.test === test)) return;
    asked.current.timer = setTimeout(ask, Math.max(0, asked.current.ms + REFETCH_MS - performance.now()));
  });
  useEffect(() => () => clearTimeout(asked.current.timer), []);
}

/**
 * Passes on committed results a few times a second, however many commits there were. The server left out `omitted` of
 * them.
 */
export function useLiveResults(take: (results: readonly Result[], omitted: number) => void): void {
  const waiting = useRef<{ results: Result[]; omitted: number; timer?: ReturnType<typeof setTimeout> | undefined }>({
    results: [],
    omitted: 0,
  });
  const flush = useEffectEvent(() => {
    const { results, omitted } = waiting.current;
    waiting.current = { results: [], omitted: 0 };
    take(results, omitted);
  });
  useLiveEvent('results', (event) => {
    const buffer = waiting.current;
    buffer.results.push(...event.results);
    buffer.omitted += event.omitted;
    buffer.timer ??= setTimeout(flush, FLUSH_MS);
  });
  useEffect(() => () => clearTimeout(waiting.current.timer), []);
}

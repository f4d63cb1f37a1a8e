import type { Result } from '@netsonde/protocol/api';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useLiveEvent } from './live.ts';

const FLUSH_MS = 250;

/** Hands over committed results a few times a second, however many commits there were; `omitted` were left out by the server. */
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

import { useSyncExternalStore } from 'react';
import { measureTime } from '../api/client.ts';
import { isTimeUnsure, serverNow } from '../time/server-time.ts';

const STEP_MS = 1000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = serverNow();

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    // The server's time was not known when this module was loaded.
    now = serverNow();
    timer = setInterval(tick, STEP_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

function tick(): void {
  now = serverNow();
  if (isTimeUnsure()) measureTime();
  for (const listener of listeners) listener();
}

/** The server's time, epoch ms, updated each second; one timer for the whole page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

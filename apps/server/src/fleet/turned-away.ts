import { noteClone } from './agent-keys.ts';
import type { FleetParts } from './ports.ts';
import { SessionRejection } from './rejection.ts';

/** Keeps in mind where a copy of an agent was turned away, so that an administrator is shown both. */
export function noteTurnedAway(
  { db, now, log }: Pick<FleetParts, 'db' | 'now' | 'log'>,
  error: unknown,
  { key, address }: { readonly key: string; readonly address: string },
): void {
  if (!(error instanceof SessionRejection) || error.code !== 'cloned') return;
  noteClone(db, key, address, now()).catch((fault: unknown) =>
    log.error(`a copy of an agent could not be noted: ${String(fault)}`),
  );
}

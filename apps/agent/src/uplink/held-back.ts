import { RECORD_KINDS } from '@netsonde/protocol';
import type { Kept } from '../spool/spool-core.ts';

/**
 * Returns which record kinds a server of this minor protocol version understands. Other records stay in the spool
 * until the server is updated. null: it understands all that this agent makes.
 */
export function understoodBy(
  serverMinor: number,
  kinds: Readonly<Record<string, number>> = RECORD_KINDS,
): ((record: Pick<Kept, 'json'>) => boolean) | null {
  const newer = new Set(Object.keys(kinds).filter((kind) => (kinds[kind] ?? 0) > serverMinor));
  if (newer.size === 0) return null;
  return ({ json }) => !newer.has((JSON.parse(json) as { t: string }).t);
}

import type { ServerKeyState } from '@netsonde/protocol/api';

type Waiting = ServerKeyState['waiting'];

const MOST_NAMES = 8;

/** "all know the new key", or which agents do not know it yet. */
export const knowingWords = (waiting: Waiting): string =>
  waiting.length === 0
    ? 'all know the new key'
    : `${namesInWords(waiting)} ${waiting.length === 1 ? 'does' : 'do'} not know the new key yet`;

/** Names with commas, the first eight of them. */
export function namesInWords(named: Waiting): string {
  const names = named.slice(0, MOST_NAMES).map(({ name }) => name);
  const more = named.length - names.length;
  return names.join(', ') + (more === 0 ? '' : ` and ${more} more`);
}

import { agoWords, fullTime } from './time-words.ts';
import { useNow } from './use-now.ts';

/** How long ago (or how soon) an instant is, with the full time on hover; "never" for null. */
export function Ago({ at }: { readonly at: string | null }) {
  const now = useNow();
  if (at === null) return <span className="muted">never</span>;
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={fullTime(ms)}>
      {agoWords(ms, now)}
    </time>
  );
}

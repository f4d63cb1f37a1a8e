import { clockTime, fullTime } from './time-words.ts';

/** The time of day of an instant, with its date where that is not today. */
export function ClockTime({ at }: { readonly at: string }) {
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={fullTime(ms)} style={{ whiteSpace: 'nowrap' }}>
      {clockTime(ms, Date.now())}
    </time>
  );
}

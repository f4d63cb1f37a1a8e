import { isDatedAhead } from '@netsonde/protocol/api';
import { serverNow } from '../time/server-time.ts';
import { clockTime, fullTime } from './time-words.ts';
import { WarningSign } from './warning-sign.tsx';

/** The time of day of an instant, with its date where that is not today, and a warning where it is yet to come. */
export function ClockTime({ at }: { readonly at: string }) {
  const ms = Date.parse(at);
  const now = serverNow();
  return (
    <time dateTime={at} title={fullTime(ms)} style={{ whiteSpace: 'nowrap' }}>
      {clockTime(ms, now)}
      {isDatedAhead(ms, now) && <WarningSign warnings={["Later than now: the agent's clock was ahead"]} />}
    </time>
  );
}

import { browserAheadMs } from '../time/server-time.ts';
import { zoneAt, zoneId } from '../time/zone.ts';
import classes from './clock-note.module.css';
import { spanWords } from './time-words.ts';
import { useNow } from './use-now.ts';

/** A browser's clock that is off by less is not worth a word, ms. */
const NOTABLE_MS = 5000;

/** The zone of all times on the page. */
export function ZoneNote() {
  const now = useNow();
  return (
    <span className={`muted small ${classes.zone}`} title={`Times are in the zone of this browser: ${zoneId()}`}>
      <span className={classes.words}>Times are in </span>
      {zoneAt(now)}
    </span>
  );
}

/** Says that the browser's clock is off, if it is. Pages follow the server's. */
export function BrowserClockNote() {
  useNow();
  const aheadMs = browserAheadMs();
  if (Math.abs(aheadMs) < NOTABLE_MS) return null;
  return (
    <p className={`muted small ${classes.note}`} role="status">
      This computer’s clock is about {spanWords(rounded(aheadMs))} {aheadMs > 0 ? 'ahead of' : 'behind'} the server’s.
      Times here follow the server.
    </p>
  );
}

/** To a minute where that says enough: the exact difference is not known. */
const rounded = (ms: number): number => (Math.abs(ms) < 120_000 ? ms : Math.round(ms / 60_000) * 60_000);

import { isDoubled, utcText, zoneAt } from '../time/zone.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span of time in one or two parts: "45 s", "3 min", "2 h 5 min", "4 d". */
export function spanWords(ms: number): string {
  const span = Math.abs(ms);
  if (span < MINUTE) return `${Math.round(span / SECOND)} s`;
  if (span < HOUR) return twoParts(span, MINUTE, 'min', SECOND, 's', 10);
  if (span < DAY) return twoParts(span, HOUR, 'h', MINUTE, 'min', 10);
  return twoParts(span, DAY, 'd', HOUR, 'h', 7);
}

/** The small part is omitted where the large one is at least `plainFrom`. */
function twoParts(
  span: number,
  large: number,
  largeName: string,
  small: number,
  smallName: string,
  plainFrom: number,
): string {
  const whole = Math.floor(span / large);
  const rest = Math.floor((span % large) / small);
  return rest === 0 || whole >= plainFrom ? `${whole} ${largeName}` : `${whole} ${largeName} ${rest} ${smallName}`;
}

/** An interval of a schedule, s: "0.5 s", "2 s", "5 min". */
export const intervalWords = (seconds: number): string => (seconds < 60 ? `${seconds} s` : spanWords(seconds * 1000));

/** "just now", "12 s ago", "in 3 min". */
export function agoWords(at: number, now: number): string {
  const ago = now - at;
  if (Math.abs(ago) < 2 * SECOND) return 'just now';
  return ago > 0 ? `${spanWords(ago)} ago` : `in ${spanWords(ago)}`;
}

/** 24-hour clock, as on the charts' axes: times align in columns and are not ambiguous. */
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
const DATE = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const FULL = new Intl.DateTimeFormat(undefined, { ...DATE, ...TIME, timeZoneName: 'short' });
const DATED = new Intl.DateTimeFormat(undefined, { ...DATE, ...TIME });
const CLOCK = new Intl.DateTimeFormat(undefined, TIME);

/** Date and time in the user's time zone, with the zone. */
export const fullTime = (at: number): string =>
  FULL.formatToParts(at)
    .map(({ type, value }) => (type === 'timeZoneName' ? utcText(value) : value))
    .join('');

/** Time of day for today, date and time otherwise. The zone follows where the same time occurs twice on that day. */
export function clockTime(at: number, now: number): string {
  const text = (new Date(at).toDateString() === new Date(now).toDateString() ? CLOCK : DATED).format(at);
  return isDoubled(at) ? `${text} ${zoneAt(at)}` : text;
}

import { zoneAt } from '../time/zone.ts';

const DAY_S = 86_400;
const MINUTE_S = 60;

/**
 * Labels for the ticks of a time axis, epoch s: the time of day, or the date where ticks are days apart. A new day has
 * its date in a second line. The first tick has the zone there, and so has each tick from which on the zone is another.
 */
export function timeTexts(splits: readonly number[], stepSeconds: number): string[] {
  return splits.map((split, place) => {
    const at = split * 1000;
    const before = splits[place - 1];
    const zone = zoneAt(at);
    const date = dateOf(at);
    const isDaily = stepSeconds >= DAY_S;
    const below = [
      !isDaily && before !== undefined && dateOf(before * 1000) !== date ? date : '',
      before === undefined || zoneAt(before * 1000) !== zone ? zone : '',
    ];
    return [isDaily ? date : timeOf(at, stepSeconds < MINUTE_S), below.filter(Boolean).join(' ')]
      .filter(Boolean)
      .join('\n');
  });
}

const two = (number: number): string => String(number).padStart(2, '0');

function dateOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function timeOf(at: number, withSeconds: boolean): string {
  const date = new Date(at);
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return withSeconds ? `${minutes}:${two(date.getSeconds())}` : minutes;
}

const DELIMITER = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/;
const TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?!\d)/;
const DAY = /^(\d{1,2})(?!\d)/;
const YEAR = /^(\d{2,4})(?!\d)/;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const FIRST_YEAR = 1601;

/**
 * The time that a cookie's `Expires` names, epoch ms; null when it names none. The time is UTC: a zone in the text has no
 * meaning. Years of two digits are 1970 to 2069.
 * Source: RFC 6265 section 5.1.1
 */
export function cookieDateMs(text: string): number | null {
  let time: readonly number[] | null = null;
  let day: number | null = null;
  let month: number | null = null;
  let year: number | null = null;
  for (const token of text.split(DELIMITER)) {
    const clock: RegExpExecArray | null = time === null ? TIME.exec(token) : null;
    const inMonths = MONTHS.indexOf(token.slice(0, 3).toLowerCase());
    if (clock !== null) time = clock.slice(1).map(Number);
    else if (day === null && DAY.test(token)) day = Number(DAY.exec(token)?.[1]);
    else if (month === null && inMonths >= 0) month = inMonths;
    else if (year === null && YEAR.test(token)) year = inFull(Number(YEAR.exec(token)?.[1]));
  }
  if (time === null || day === null || month === null || year === null || year < FIRST_YEAR) return null;
  const [hour = 0, minute = 0, second = 0] = time;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const ms = Date.UTC(year, month, day, hour, minute, second);
  // A day that the month does not have is in another month.
  return new Date(ms).getUTCDate() === day ? ms : null;
}

function inFull(year: number): number {
  if (year >= 70 && year <= 99) return year + 1900;
  return year <= 69 ? year + 2000 : year;
}

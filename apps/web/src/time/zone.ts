/** Names of the browser's time zone. Instants are epoch ms. */

const NAMED = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' });
const MINUTE_MS = 60_000;
/** Clock changes of zones, min. */
const CHANGES = [30, 60, 120] as const;

/** The zone as the system names it, such as "Europe/Berlin". */
export const zoneId = (): string => NAMED.resolvedOptions().timeZone;

/** The zone at an instant, short: "CET", "CEST", "UTC+5:30". */
export const zoneAt = (at: number): string => utcText(partOf(NAMED.formatToParts(at), 'timeZoneName'));

/** "GMT+1" is what browsers say of zones that have no short name in the user's language. */
export const utcText = (name: string): string => name.replace(/^GMT(?=[+-])/, 'UTC');

/** Whether the local time of an instant occurs twice on that day, since clocks are set back. */
export function isDoubled(at: number): boolean {
  const offsetOf = (ms: number) => new Date(ms).getTimezoneOffset();
  return CHANGES.some((minutes) =>
    [minutes, -minutes].some((change) => offsetOf(at + change * MINUTE_MS) - offsetOf(at) === change),
  );
}

const partOf = (parts: readonly Intl.DateTimeFormatPart[], type: Intl.DateTimeFormatPartTypes): string =>
  parts.find((part) => part.type === type)?.value ?? '';

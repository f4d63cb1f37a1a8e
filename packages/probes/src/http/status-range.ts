/** `200-399,404`: codes and ranges of codes, separated by commas. */
export const STATUS_RANGES = /^\s*[1-5]\d\d(\s*-\s*[1-5]\d\d)?(\s*,\s*[1-5]\d\d(\s*-\s*[1-5]\d\d)?)*\s*$/;

/** Whether a status is among those that a text in the form of {@link STATUS_RANGES} lists. */
export function statusIn(ranges: string, status: number): boolean {
  return ranges.split(',').some((range) => {
    const [from, to] = range.split('-').map(Number);
    return from !== undefined && status >= from && status <= (to ?? from);
  });
}

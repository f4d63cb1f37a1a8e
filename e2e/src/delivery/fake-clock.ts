/**
 * The environment of a process whose wall clock follows a file (`+3600` is an hour ahead), by libfaketime. Its
 * monotonic clock is unchanged, as after a real step.
 */
export const FAKE_CLOCK = (file: string): Readonly<Record<string, string>> => ({
  LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  FAKETIME_TIMESTAMP_FILE: file,
  FAKETIME_NO_CACHE: '1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  DONT_FAKE_MONOTONIC: '1',
});

/** The environment of a process whose wall clock begins at an instant, such as `2026-10-25 00:59:00` (UTC). */
export const CLOCK_FROM = (start: string): Readonly<Record<string, string>> => ({
  LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  FAKETIME: `@${start}`,
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
  DONT_FAKE_MONOTONIC: '1',
  TZ: 'UTC',
});

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

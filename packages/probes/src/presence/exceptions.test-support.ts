/**
 * Metrics, by probe and id, of which nothing outside the probe can set a second truth, and why. Each must still be
 * present in one run with a value that can be.
 */
export const exceptions: Readonly<Record<string, string>> = {
  'tls.validation_time_ms':
    'how long this machine computes on signatures: no kernel, path or server sets it, and a suite must not assert how ' +
    'fast a machine is',
};

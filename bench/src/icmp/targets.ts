/** The first `count` host addresses of 127.1.0.0/16; this host answers for each. At most 64,000. */
export function loopbackTargets(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`);
}

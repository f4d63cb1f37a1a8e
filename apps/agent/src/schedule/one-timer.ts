/**
 * The schedule's one timer: setting it anew forgets what was set before.
 * @param fired told how late the event loop came round to it, ms.
 */
export function oneTimer(
  monotonicMs: () => number,
  fired: (lateMs: number) => void,
): { set(ms: number, fire: () => void): void; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    set(ms, fire) {
      clearTimeout(timer);
      const expected = monotonicMs() + ms;
      timer = setTimeout(() => {
        fired(Math.max(0, monotonicMs() - expected));
        fire();
      }, ms);
    },
    clear: () => clearTimeout(timer),
  };
}

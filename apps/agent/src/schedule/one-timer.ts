/**
 * The schedule's one timer. Setting it again replaces the previous setting.
 * @param fired called with the delay of the event loop, ms.
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

/** The schedule's one timer: setting it anew forgets what was set before. */
export function oneTimer(): { set(ms: number, fire: () => void): void; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    set(ms, fire) {
      clearTimeout(timer);
      timer = setTimeout(fire, ms);
    },
    clear: () => clearTimeout(timer),
  };
}

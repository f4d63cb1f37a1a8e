const MOST = 10_000;

/** The records of a service, oldest first, limited in number. */
export interface Ledger<Entry> {
  add(entry: Entry): void;
  entries(): readonly Entry[];
}

export function newLedger<Entry>(): Ledger<Entry> {
  const kept: Entry[] = [];
  return {
    add(entry) {
      if (kept.length < MOST) kept.push(entry);
    },
    entries: () => kept,
  };
}

/** Waits, ms; returns at once for 0 or less. */
export function pause(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}

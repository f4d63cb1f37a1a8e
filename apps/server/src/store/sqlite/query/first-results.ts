/** A result's place in the order of a query. The order does not depend on where results are stored. */
export interface ResultPlace {
  /** Scheduled instant, epoch ms. */
  readonly at: number;
  readonly series: number;
  readonly epoch: number;
  readonly seq: number;
}

/** Whether a result comes after another, oldest first: above 0. */
export const compareOldestFirst = (a: ResultPlace, b: ResultPlace): number =>
  a.at - b.at || a.series - b.series || a.epoch - b.epoch || a.seq - b.seq;

/** Keeps the first of all offered results, oldest or newest first, at most a number of them. */
export class FirstResults<Found extends ResultPlace> {
  readonly #most: number;
  readonly #sign: 1 | -1;
  /** A heap: no result comes after its parent, so the last of all is at the top. */
  readonly #heap: Found[] = [];
  #isCut = false;

  constructor(most: number, order: 'oldest first' | 'newest first') {
    this.#most = most;
    this.#sign = order === 'oldest first' ? 1 : -1;
  }

  /** Whether it did not keep all that it was offered or asked about. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The kept results in order. */
  get sorted(): readonly Found[] {
    return [...this.#heap].sort((a, b) => this.#compare(a, b));
  }

  /** Whether a result at this instant may be among the first. If not, a new one is not worth its making. */
  mayKeep(at: number): boolean {
    const last = this.#heap.length < this.#most ? undefined : this.#heap[0];
    if (last === undefined || (at - last.at) * this.#sign <= 0) return true;
    this.#isCut = true;
    return false;
  }

  offer(found: Found): void {
    if (this.#heap.length < this.#most) {
      this.#heap.push(found);
      this.#up();
      return;
    }
    this.#isCut = true;
    const last = this.#heap[0];
    if (last === undefined || this.#compare(found, last) >= 0) return;
    this.#heap[0] = found;
    this.#down();
  }

  #up(): void {
    for (let place = this.#heap.length - 1; place > 0; ) {
      const parent = (place - 1) >> 1;
      if (!this.#isAfter(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #down(): void {
    for (let place = 0; ; ) {
      let last = place;
      for (const child of [2 * place + 1, 2 * place + 2])
        if (child < this.#heap.length && this.#isAfter(child, last)) last = child;
      if (last === place) return;
      this.#swap(place, last);
      place = last;
    }
  }

  #compare(a: Found, b: Found): number {
    return compareOldestFirst(a, b) * this.#sign;
  }

  #isAfter(a: number, b: number): boolean {
    return this.#compare(this.#heap[a] as Found, this.#heap[b] as Found) > 0;
  }

  #swap(a: number, b: number): void {
    const held = this.#heap[a] as Found;
    this.#heap[a] = this.#heap[b] as Found;
    this.#heap[b] = held;
  }
}

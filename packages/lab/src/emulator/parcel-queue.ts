/** A binary heap of due items, earliest first. Items due at the same instant leave in order of arrival. */
export class ParcelQueue<T> {
  readonly #items: { dueNs: number; order: number; value: T }[] = [];
  #order = 0;

  get size(): number {
    return this.#items.length;
  }

  /** When the earliest is due, or undefined when nothing waits. */
  get nextDueNs(): number | undefined {
    return this.#items[0]?.dueNs;
  }

  push(dueNs: number, value: T): void {
    this.#items.push({ dueNs, order: this.#order++, value });
    this.#rise(this.#items.length - 1);
  }

  /** Removes and returns the earliest item when it is due at `nowNs`. */
  popDue(nowNs: number): T | undefined {
    const first = this.#items[0];
    if (first === undefined || first.dueNs > nowNs) return undefined;
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) {
      this.#items[0] = last;
      this.#sink(0);
    }
    return first.value;
  }

  #before(left: number, right: number): boolean {
    const a = this.#items[left];
    const b = this.#items[right];
    if (a === undefined || b === undefined) return false;
    return a.dueNs < b.dueNs || (a.dueNs === b.dueNs && a.order < b.order);
  }

  #swap(left: number, right: number): void {
    const a = this.#items[left];
    const b = this.#items[right];
    if (a === undefined || b === undefined) return;
    this.#items[left] = b;
    this.#items[right] = a;
  }

  #rise(from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let least = index;
      if (this.#before(left, least)) least = left;
      if (this.#before(right, least)) least = right;
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }
}

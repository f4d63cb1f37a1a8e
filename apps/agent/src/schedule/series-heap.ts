import type { ScheduledSeries } from './series.ts';

/**
 * A heap of series, ordered by when they are checked next, earliest first. Each series knows its index, so that any
 * can be removed.
 */
export class SeriesHeap {
  readonly #heap: ScheduledSeries[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get top(): ScheduledSeries | undefined {
    return this.#heap[0];
  }

  push(series: ScheduledSeries): void {
    this.#heap.push(series);
    this.#rise(this.#heap.length - 1, series);
  }

  remove(series: ScheduledSeries): void {
    const { place } = series;
    if (place < 0) return;
    series.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === series) return;
    this.#rise(place, last);
    this.#sink(last.place, last);
  }

  /** Restores the order after the `wake` of many has changed. */
  rebuild(): void {
    const all = this.#heap.splice(0).sort((a, b) => a.wake - b.wake);
    all.forEach((series, place) => {
      series.place = place;
      this.#heap.push(series);
    });
  }

  *[Symbol.iterator](): Generator<ScheduledSeries> {
    yield* this.#heap;
  }

  #rise(from: number, series: ScheduledSeries): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent] as ScheduledSeries;
      if (above.wake <= series.wake) break;
      this.#put(place, above);
      place = parent;
    }
    this.#put(place, series);
  }

  #sink(from: number, series: ScheduledSeries): void {
    let place = from;
    for (;;) {
      const left = place * 2 + 1;
      const leftChild = this.#heap[left];
      if (leftChild === undefined) break;
      const rightChild = this.#heap[left + 1];
      const child = rightChild !== undefined && rightChild.wake < leftChild.wake ? rightChild : leftChild;
      if (child.wake >= series.wake) break;
      const childPlace = child.place;
      this.#put(place, child);
      place = childPlace;
    }
    this.#put(place, series);
  }

  #put(place: number, series: ScheduledSeries): void {
    this.#heap[place] = series;
    series.place = place;
  }
}

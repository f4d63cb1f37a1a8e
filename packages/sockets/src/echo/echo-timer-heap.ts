/** An item of a `EchoTimerHeap`. `heapIndex` belongs to the heap; -1 when outside. */
export interface Due {
  dueNs: number;
  heapIndex: number;
}

/** A binary heap with the earliest due on top, whose items store their place, so that changing a due time is cheap. */
export class EchoTimerHeap<T extends Due> {
  private readonly items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  /** The earliest, or undefined if none waits. */
  peek(): T | undefined {
    return this.items[0];
  }

  /** Adds `item`, or moves it after its `dueNs` changed. */
  update(item: T): void {
    if (item.heapIndex < 0) {
      item.heapIndex = this.items.length;
      this.items.push(item);
    }
    if (!this.rise(item)) this.sink(item);
  }

  remove(item: T): void {
    const index = item.heapIndex;
    if (index < 0) return;
    item.heapIndex = -1;
    const last = this.items.pop();
    if (last === undefined || last === item) return;
    this.place(last, index);
    this.update(last);
  }

  private rise(item: T): boolean {
    const start = item.heapIndex;
    let index = start;
    while (index > 0) {
      const parent = this.items[(index - 1) >> 1];
      if (parent === undefined || parent.dueNs <= item.dueNs) break;
      this.place(parent, index);
      index = (index - 1) >> 1;
    }
    this.place(item, index);
    return index !== start;
  }

  private sink(item: T): void {
    let index = item.heapIndex;
    for (;;) {
      const child = this.earlierChild(index);
      if (child === undefined || child.dueNs >= item.dueNs) break;
      const next = child.heapIndex;
      this.place(child, index);
      index = next;
    }
    this.place(item, index);
  }

  private earlierChild(index: number): T | undefined {
    const left = this.items[index * 2 + 1];
    const right = this.items[index * 2 + 2];
    if (left === undefined || right === undefined) return left;
    return right.dueNs < left.dueNs ? right : left;
  }

  private place(item: T, index: number): void {
    this.items[index] = item;
    item.heapIndex = index;
  }
}

/**
 * Which lease ends next. A heap that lets leases be extended for nothing: a node keeps the time it was added with, and is put back
 * with the newer one when that time comes. Renewing is O(1), ending is O(log n) once per node.
 */
export interface Leased {
  /** When its lease ends. */
  expiresAt: number;
  /** The time of its one valid node in the queue; `undefined` when it is not in it. */
  dueAt: number | undefined;
}

interface Node<T> {
  readonly dueAt: number;
  readonly item: T;
}

export class DueQueue<T extends Leased> {
  #heap: Node<T>[] = [];
  /** Nodes of items that were cancelled or put in earlier: they are dropped when they come up, or when they are most of the heap. */
  #stale = 0;

  /** To be called whenever `expiresAt` was set. */
  schedule(item: T): void {
    if (item.dueAt !== undefined) {
      if (item.dueAt <= item.expiresAt) return;
      this.#dropLater();
    }
    item.dueAt = item.expiresAt;
    this.#push({ dueAt: item.expiresAt, item });
  }

  /** To be called when an item is not leased any more. */
  cancel(item: T): void {
    if (item.dueAt === undefined) return;
    item.dueAt = undefined;
    this.#dropLater();
  }

  /** Takes out every item whose lease has ended, in the order in which they ended. */
  takeEnded(now: number): T[] {
    const ended: T[] = [];
    // What was renewed is put right when its old time comes, not before: most of it is renewed again until then.
    while ((this.#heap[0]?.dueAt ?? Number.POSITIVE_INFINITY) <= now) {
      const next = this.#next();
      if (next === undefined || next.expiresAt > now) break;
      this.#pop();
      next.dueAt = undefined;
      ended.push(next);
    }
    return ended;
  }

  /** When the next lease ends if nobody renews it. */
  get nextExpiry(): number | undefined {
    return this.#next()?.expiresAt;
  }

  /** Nodes that are held, those of cancelled items included. */
  get size(): number {
    return this.#heap.length;
  }

  /** The item that ends first, after what is out of date at the top was put right. */
  #next(): T | undefined {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      const { dueAt, item } = top;
      if (item.dueAt === dueAt && item.expiresAt === dueAt) return item;
      this.#pop();
      if (item.dueAt === dueAt) {
        item.dueAt = item.expiresAt;
        this.#push({ dueAt: item.expiresAt, item });
      } else {
        this.#stale -= 1;
      }
    }
    return undefined;
  }

  #dropLater(): void {
    this.#stale += 1;
    if (this.#stale < 1_000 || this.#stale * 2 < this.#heap.length) return;
    // A sorted array is a heap.
    this.#heap = this.#heap.filter(({ item, dueAt }) => item.dueAt === dueAt).sort((a, b) => a.dueAt - b.dueAt);
    this.#stale = 0;
  }

  #push(node: Node<T>): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = heap[(at - 1) >> 1] as Node<T>;
      if (parent.dueAt <= node.dueAt) break;
      heap[at] = parent;
      at = (at - 1) >> 1;
    }
    heap[at] = node;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && right.dueAt < (heap[child] as Node<T>).dueAt) child += 1;
      const smaller = heap[child] as Node<T>;
      if (smaller.dueAt >= last.dueAt) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
  }
}

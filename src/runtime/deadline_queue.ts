/**
 * Many deadlines, one timer: whoever has a deadline holds a slot, and the queue knows which slot is due next.
 *
 * Shape: a binary heap of slot numbers, and for each slot its deadline and its place in the heap, so that a
 * deadline can be moved without a search. Slots are small whole numbers: 0, 1, 2 …
 */

/** A priority queue of at most one deadline for each slot. Deadlines are instants in milliseconds. */
export class DeadlineQueue {
  readonly #heap: number[] = [];
  readonly #atMs: number[] = [];
  /** Where a slot stands in the heap; -1: nowhere. */
  readonly #place: number[] = [];

  /** How many slots have a deadline. */
  get size(): number {
    return this.#heap.length;
  }

  /** The earliest deadline; `Infinity` while there is none. */
  nextMs(): number {
    const first = this.#heap[0];
    return first === undefined ? Infinity : this.#atMs[first]!;
  }

  /** Gives a slot its deadline instead of the one it had; `Infinity` takes it out. */
  set(slot: number, atMs: number): void {
    while (this.#place.length <= slot) {
      this.#place.push(-1);
      this.#atMs.push(Infinity);
    }
    const place = this.#place[slot]!;
    if (atMs === Infinity) {
      if (place !== -1) this.#remove(place);
      return;
    }
    this.#atMs[slot] = atMs;
    if (place === -1) {
      this.#put(slot, this.#heap.length);
      this.#rise(this.#heap.length - 1);
    } else {
      this.#sink(place);
      this.#rise(place);
    }
  }

  /** Takes out the earliest slot that is due, if any; of equal deadlines the lower slot comes first. */
  takeDue(nowMs: number): number | undefined {
    const first = this.#heap[0];
    if (first === undefined || this.#atMs[first]! > nowMs) return undefined;
    this.#remove(0);
    return first;
  }

  #remove(place: number): void {
    this.#place[this.#heap[place]!] = -1;
    const last = this.#heap.pop()!;
    if (place === this.#heap.length) return;
    this.#put(last, place);
    this.#sink(place);
    this.#rise(place);
  }

  #rise(place: number): void {
    const slot = this.#heap[place]!;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(slot, this.#heap[parent]!)) break;
      this.#put(this.#heap[parent]!, place);
      place = parent;
    }
    this.#put(slot, place);
  }

  #sink(place: number): void {
    const slot = this.#heap[place]!;
    while (true) {
      let child = 2 * place + 1;
      if (child >= this.#heap.length) break;
      if (child + 1 < this.#heap.length && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) {
        child++;
      }
      if (!this.#isBefore(this.#heap[child]!, slot)) break;
      this.#put(this.#heap[child]!, place);
      place = child;
    }
    this.#put(slot, place);
  }

  #put(slot: number, place: number): void {
    this.#heap[place] = slot;
    this.#place[slot] = place;
  }

  #isBefore(one: number, other: number): boolean {
    const difference = this.#atMs[one]! - this.#atMs[other]!;
    return difference < 0 || (difference === 0 && one < other);
  }
}

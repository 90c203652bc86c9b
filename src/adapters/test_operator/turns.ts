/**
 * One thing after the other: whoever drives a device has two hands.
 */

/** Work that waits for the work before it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `work` when everything before it is over. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {}); // whoever asked hears of it
    return mine;
  }

  /** Resolves when nothing is under way any more. */
  async over(): Promise<void> {
    await this.#last;
  }
}

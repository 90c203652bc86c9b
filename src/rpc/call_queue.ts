/**
 * Calls that wait for the line to be free, first come first served, with an upper bound.
 */

/** A Call on its way out; `tag` is the sender's own note of what it is for. */
export interface OutgoingCall<Tag> {
  readonly uniqueId: string;
  readonly action: string;
  readonly payload: unknown;
  /** How long to wait for the answer once sent. */
  readonly timeoutMs: number;
  readonly tag: Tag;
}

/** A bounded queue; it allocates nothing while empty, since most connections never queue a Call. */
export class CallQueue<Tag> {
  readonly #capacity: number;
  #calls: OutgoingCall<Tag>[] | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#calls?.length ?? 0;
  }

  /** Whether there was room. */
  push(call: OutgoingCall<Tag>): boolean {
    if (this.length >= this.#capacity) return false;
    (this.#calls ??= []).push(call);
    return true;
  }

  shift(): OutgoingCall<Tag> | undefined {
    return this.#calls?.shift();
  }

  /** Empties the queue and returns what was in it. */
  takeAll(): readonly OutgoingCall<Tag>[] {
    const calls = this.#calls ?? [];
    this.#calls = undefined;
    return calls;
  }
}

/**
 * Lines cost more than messages: beyond a number a second they are counted instead of written.
 */

/** A clock that goes back by more than this was set back; by less, lines merely come out of order. */
const OUT_OF_ORDER_MAX_SECONDS = 10;

/** Gives out lines, second by second. */
export class LineBudget {
  readonly #perSecondMax: number;
  readonly #onWithheld: (count: number) => void;
  #second = 0;
  #given = 0;
  #withheld = 0;

  /** `onWithheld` is told how many there were in a second once it is over. */
  constructor({ perSecondMax, onWithheld }: {
    perSecondMax: number;
    onWithheld: (count: number) => void;
  }) {
    this.#perSecondMax = perSecondMax;
    this.#onWithheld = onWithheld;
  }

  /** Whether a line of this moment may be written. */
  take(atMs: number): boolean {
    const second = Math.floor(atMs / 1_000);
    if (second > this.#second || second < this.#second - OUT_OF_ORDER_MAX_SECONDS) {
      this.end();
      this.#second = second;
      this.#given = 0;
    }
    if (this.#given >= this.#perSecondMax) {
      this.#withheld += 1;
      return false;
    }
    this.#given += 1;
    return true;
  }

  /** Tells of what was withheld and not told of yet. */
  end(): void {
    const count = this.#withheld;
    this.#withheld = 0;
    if (count > 0) this.#onWithheld(count);
  }
}

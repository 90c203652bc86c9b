/**
 * How often an address may present a wrong token: some at once, then some a minute. Meanwhile its tokens are not
 * looked at, the right one neither; sessions go on.
 */

/** Wrong tokens that one address may present at once, and as many again each minute. */
export const GUESSES_MAX = 10;

/** Addresses that are remembered; when there are more, the one that guessed longest ago is forgotten. */
export const GUESSERS_MAX = 1_000;

const MINUTE_MS = 60_000;

/** Counts wrong tokens by address. */
export class Guesses {
  /** Address to the guesses that count against it and when they were counted, the last to guess last. */
  readonly #counted = new Map<string, { guesses: number; atMs: number }>();
  readonly #nowMs: () => number;
  readonly #max: number;

  constructor({ nowMs, max = GUESSES_MAX }: { nowMs: () => number; max?: number }) {
    this.#nowMs = nowMs;
    this.#max = max;
  }

  /** How long an address has to wait before it may try again, in seconds; 0: it may. */
  waitSeconds(address: string): number {
    const tooMany = this.#guesses(address) - (this.#max - 1);
    return tooMany <= 0 ? 0 : Math.ceil(tooMany * MINUTE_MS / this.#max / 1_000);
  }

  /** Counts a wrong token. */
  count(address: string): void {
    const guesses = this.#guesses(address) + 1;
    this.#counted.delete(address);
    const [longestAgo] = this.#counted.keys();
    if (this.#counted.size >= GUESSERS_MAX) this.#counted.delete(longestAgo!);
    this.#counted.set(address, { guesses, atMs: this.#nowMs() });
  }

  #guesses(address: string): number {
    const counted = this.#counted.get(address);
    if (counted === undefined) return 0;
    const forgiven = (this.#nowMs() - counted.atMs) * this.#max / MINUTE_MS;
    return Math.max(0, counted.guesses - forgiven);
  }
}

/**
 * Asks a store that failed, again and again, whether it works.
 */
import type { Store } from "../central_system/store.ts";
import type { Clock } from "./clock.ts";

/** How often a failed store is probed. */
export const PROBE_INTERVAL_MS = 1_000;

/** Probes until the store works, or until it is told to stop. */
export class StoreProbe {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #onResumed: (event: { downMs: number }) => void;
  #failedAtMs = 0;
  #isProbing = false;
  #cancel: (() => void) | undefined;

  constructor(
    { store, clock, onResumed }: {
      store: Store;
      clock: Clock;
      onResumed: (event: { downMs: number }) => void;
    },
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#onResumed = onResumed;
  }

  /** The store has just failed. */
  begin(): void {
    this.#isProbing = true;
    this.#failedAtMs = this.#clock.nowMs();
    this.#later();
  }

  #later(): void {
    this.#cancel = this.#clock.at(this.#clock.nowMs() + PROBE_INTERVAL_MS, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    try {
      await this.#store.query("health", {});
    } catch {
      if (this.#isProbing) this.#later();
      return;
    }
    if (!this.#isProbing) return;
    this.#isProbing = false;
    this.#onResumed({ downMs: this.#clock.nowMs() - this.#failedAtMs });
  }

  stop(): void {
    this.#isProbing = false;
    this.#cancel?.();
  }
}

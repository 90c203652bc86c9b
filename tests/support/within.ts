/**
 * Waiting for a fact instead of sleeping: everything has one generous limit, and says what never came.
 */

/** How long a test waits for anything; nothing here takes a tenth of it on a machine that works. */
export const LIMIT_MS = 15_000;

/** The promise's value, or an error that says what did not happen in time. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still waiting after ${LIMIT_MS} ms: ${what}`)), LIMIT_MS);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** Conditions that are asked again after everything that happens. */
export class Happenings {
  readonly #waiting = new Set<() => void>();

  /** Something happened that a condition may depend on. */
  happened(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** Resolves once `holds` does. */
  async until(holds: () => boolean, what: string | (() => string)): Promise<void> {
    if (holds()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      if (holds()) resolve();
    };
    this.#waiting.add(check);
    try {
      await within(promise, "").catch(() => {
        throw new Error(`still waiting: ${typeof what === "string" ? what : what()}`);
      });
    } finally {
      this.#waiting.delete(check);
    }
  }
}

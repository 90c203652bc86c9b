/**
 * Answers to one Charge Point that are held back on purpose, and those that wait behind them: answers keep their
 * order, so that a delay is what a slow Central System looks like.
 *
 * Units: times in milliseconds. Each delay counts from its own answer on: two delays in a row do not add up.
 */
import { heldAnswer, lostAnswer, type SpokenAnswer } from "../central_system/behaviour.ts";
import type { Clock } from "./clock.ts";

/** Answers held for one Charge Point; beyond this the first one leaves before its time. */
export const HELD_ANSWERS_MAX = 50;

interface Held {
  readonly dueAtMs: number;
  readonly answer: SpokenAnswer;
  readonly speak: (answer: SpokenAnswer) => void;
}

/** Holds answers until they are due. */
export class HeldAnswers {
  readonly #clock: Clock;
  readonly #held: Held[] = [];
  #isClosed = false;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether an answer would have to wait. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Has it spoken after the delay and after all that was added before, or told as lost if the link goes meanwhile. */
  add(delayMs: number, answer: SpokenAnswer, speak: Held["speak"]): void {
    if (this.#isClosed) return speak(lostAnswer(answer));
    this.#held.push({ dueAtMs: this.#clock.nowMs() + delayMs, answer, speak });
    if (this.#held.length > HELD_ANSWERS_MAX) this.#speakFirst();
    this.#release();
  }

  /** The link is gone: nothing waits any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    for (const { answer, speak } of this.#held.splice(0)) speak(lostAnswer(answer));
  }

  #release(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    // An answer may close the link, and with it this.
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (first.dueAtMs > this.#clock.nowMs()) {
        this.#cancelTimer = this.#clock.at(first.dueAtMs, () => this.#release());
        return;
      }
      this.#speakFirst();
    }
  }

  #speakFirst(): void {
    const { answer, speak } = this.#held.shift()!;
    speak(heldAnswer(answer));
  }
}

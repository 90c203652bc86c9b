/**
 * Time that jumps: nothing passes but what a test says.
 */
import type { Clock } from "../../src/runtime/clock.ts";

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/** A clock whose timers run in order when a test moves it. */
export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #timers: Timer[] = [];

  constructor({ nowMs }: { nowMs: number } = { nowMs: Date.UTC(2024, 0, 1) }) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => void): () => void {
    const timer: Timer = { atMs, run };
    this.#timers.push(timer);
    return () => this.#remove(timer);
  }

  /** The earliest timer; `Infinity` without one. */
  nextMs(): number {
    return this.#next()?.atMs ?? Infinity;
  }

  /** Lets time pass; every timer runs at its own moment, also those that others set meanwhile. */
  advance(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    for (let timer = this.#next(); timer !== undefined && timer.atMs <= untilMs; timer = this.#next()) {
      this.#remove(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.run();
    }
    this.#nowMs = untilMs;
  }

  /** The earliest timer; of several the one that was set first. */
  #next(): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (earliest === undefined || timer.atMs < earliest.atMs) earliest = timer;
    }
    return earliest;
  }

  #remove(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
  }
}

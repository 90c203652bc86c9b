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
  #timers: Timer[] = [];

  constructor({ nowMs }: { nowMs: number } = { nowMs: Date.UTC(2024, 0, 1) }) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  at(atMs: number, run: () => void): () => void {
    const timer: Timer = { atMs, run };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((one) => one !== timer);
  }

  /** The earliest timer; `Infinity` without one. */
  nextMs(): number {
    return Math.min(Infinity, ...this.#timers.map(({ atMs }) => atMs));
  }

  /** Lets time pass; every timer runs at its own moment, also those that others set meanwhile. */
  advance(durationMs: number): void {
    const untilMs = this.#nowMs + durationMs;
    for (let nextMs = this.nextMs(); nextMs <= untilMs; nextMs = this.nextMs()) {
      const timer = this.#timers.find(({ atMs }) => atMs === nextMs)!;
      this.#timers = this.#timers.filter((one) => one !== timer);
      this.#nowMs = Math.max(this.#nowMs, nextMs);
      timer.run();
    }
    this.#nowMs = untilMs;
  }
}

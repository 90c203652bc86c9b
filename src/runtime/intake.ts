/**
 * What one Charge Point sends, taken in no faster than it may: a bound to the pace, and whatever else its owner
 * waits for. Who sends faster is slowed, not punished.
 *
 * Rules:
 * - As soon as the next message could not be taken, reading stops where the listener can do that. What comes all
 *   the same (it was read already, or the listener cannot stop) waits here, in order.
 * - Only when more waits than `WAITING_MESSAGES_MAX` or `WAITING_CHARACTERS_MAX` the owner is told, who closes with
 *   1008. A listener that stops reading gets there with nothing but thousands of tiny messages in one packet.
 * - What waits when the connection ends counts as not read: nobody was told anything about it.
 */
import type { Clock } from "./clock.ts";
import type { Connection } from "./transport.ts";

/** Messages of one Charge Point that may wait to be taken in; beyond this it is disconnected with 1008. */
export const WAITING_MESSAGES_MAX = 4_096;

/** Characters of one Charge Point that may wait to be taken in: a message of the largest size, and as much again. */
export const WAITING_CHARACTERS_MAX = 2 * 1_048_576;

/** What was not sent for so long may be sent at once: a burst of two seconds' worth, but at least one message. */
export const BURST_MS = 2_000;

/** A text, or the size of a binary message. */
export type IncomingMessage = string | number;

/** Who takes the messages in. */
export interface IntakeOwner {
  /** Whether one more may be taken now, apart from the pace; `goOn` is called when that may have changed. */
  readonly mayTake: boolean;
  take(message: IncomingMessage): void;
  onOverflow(): void;
}

/** What an intake is made from. */
export interface IntakeDependencies {
  readonly connection: Connection;
  readonly clock: Clock;
  /** Messages a second that are taken on the long run; 0: any number. */
  readonly maxFrameRate: number;
  readonly owner: IntakeOwner;
}

/** The messages of one connection on their way in. */
export class Intake {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #maxFrameRate: number;
  readonly #owner: IntakeOwner;
  /** Up to which moment the pace is used up; one message costs the time that it takes at that pace. */
  #usedUntilMs = 0;
  #isHeld = false;
  #isOver = false;
  #waiting: IncomingMessage[] | undefined;
  #charactersWaiting = 0;
  #cancelTimer: (() => void) | undefined;

  constructor({ connection, clock, maxFrameRate, owner }: IntakeDependencies) {
    this.#connection = connection;
    this.#clock = clock;
    this.#maxFrameRate = maxFrameRate;
    this.#owner = owner;
  }

  /** A message has come. */
  add(message: IncomingMessage): void {
    if (this.#isOver) return;
    if (this.#isHeld) return this.#wait(message);
    this.#take(message);
    if (!this.#isOver && this.#msToWait() !== 0) this.#hold();
  }

  /** Takes what may be taken by now. */
  goOn(): void {
    if (!this.#isHeld || this.#isOver) return;
    while (this.#msToWait() === 0) {
      const next = this.#waiting?.shift();
      if (next === undefined) return this.#letGo();
      this.#charactersWaiting -= sizeOf(next);
      this.#take(next);
      if (this.#isOver) return;
    }
    this.#goOnLater();
  }

  /** Takes nothing more; gives how many messages waited, which count as not read. */
  end(): number {
    const unread = this.#waiting?.length ?? 0;
    this.#isOver = true;
    this.#waiting = undefined;
    this.#cancelTimer?.();
    return unread;
  }

  #take(message: IncomingMessage): void {
    if (this.#maxFrameRate > 0) {
      const costMs = 1_000 / this.#maxFrameRate;
      const earliestMs = this.#clock.nowMs() - Math.max(BURST_MS, costMs);
      this.#usedUntilMs = Math.max(this.#usedUntilMs, earliestMs) + costMs;
    }
    this.#owner.take(message);
  }

  /** Until the pace allows one more message; `Infinity` while the owner takes none. */
  #msToWait(): number {
    if (!this.#owner.mayTake) return Infinity;
    if (this.#maxFrameRate === 0) return 0;
    const nowMs = this.#clock.nowMs();
    // Later than now it can only be when somebody set the clock back.
    this.#usedUntilMs = Math.min(this.#usedUntilMs, nowMs);
    return Math.max(0, Math.ceil(this.#usedUntilMs + 1_000 / this.#maxFrameRate - nowMs));
  }

  #wait(message: IncomingMessage): void {
    const waiting = this.#waiting ??= [];
    this.#charactersWaiting += sizeOf(message);
    waiting.push(message);
    const isTooMuch = waiting.length > WAITING_MESSAGES_MAX ||
      this.#charactersWaiting > WAITING_CHARACTERS_MAX;
    if (isTooMuch) this.#owner.onOverflow();
  }

  #hold(): void {
    this.#isHeld = true;
    this.#connection.pause?.();
    this.#goOnLater();
  }

  #letGo(): void {
    this.#isHeld = false;
    this.#waiting = undefined;
    this.#connection.resume?.();
  }

  #goOnLater(): void {
    this.#cancelTimer?.();
    const waitMs = this.#msToWait();
    if (waitMs === Infinity) return;
    this.#cancelTimer = this.#clock.at(this.#clock.nowMs() + waitMs, () => this.goOn());
  }
}

/** A binary message is only noted, never kept. */
function sizeOf(message: IncomingMessage): number {
  return typeof message === "string" ? message.length : 0;
}

/**
 * What goes wrong between a Charge Point and a Central System: how often, and the dice.
 */
import type { SeededRandom } from "./seeded_random.ts";

/** Shares are of each frame, from 0 to 1; times are means in milliseconds, `Infinity` for never. */
export interface Trouble {
  /** The frame is lost and its connection with it: TCP loses nothing silently. */
  readonly cutBefore: number;
  /** The frame arrives and then the connection is cut: its answer has no way back. */
  readonly cutAfter: number;
  /** The frame arrives twice. */
  readonly twice: number;
  /** The frame, and all that follow it on its connection, take longer than a Call's timeout. */
  readonly stall: number;
  /** Commits take time, drawn up to this. */
  readonly commitMsMax: number;
  /** Share of commits that the store refuses. */
  readonly failingCommit: number;
  /** From one end of the Central System's program to the next. */
  readonly restartEveryMs: number;
  /** From one Call of an operator to the next. */
  readonly operatorEveryMs: number;
}

/** Nothing goes wrong. */
export const CALM: Trouble = {
  cutBefore: 0,
  cutAfter: 0,
  twice: 0,
  stall: 0,
  commitMsMax: 0,
  failingCommit: 0,
  restartEveryMs: Infinity,
  operatorEveryMs: Infinity,
};

/** Everything goes wrong, a few times an hour. */
export const STORM: Trouble = {
  cutBefore: 0.01,
  cutAfter: 0.01,
  twice: 0.02,
  stall: 0.003,
  commitMsMax: 60,
  failingCommit: 0.002,
  restartEveryMs: 40 * 60_000,
  operatorEveryMs: 10 * 60_000,
};

/** How long each side takes to notice a cut: less than a timeout for a Charge Point, else attempts are used up. */
const CHARGE_POINT_NOTICES_MS_MAX = 20_000;
const CENTRAL_SYSTEM_NOTICES_MS_MAX = 120_000;

/** How long nothing connects after a cut, when it is more than a hiccup. */
const OUTAGE_MS_MAX = 20 * 60_000;

/** How long the Central System's program is gone. */
const DOWN_MS_MAX = 90_000;

const STALL_MS = { min: 31_000, max: 70_000 };

/** What becomes of one frame. */
export type Fate = "arrives" | "cutBefore" | "cutAfter" | "twice" | "stall";

/** Where the Central System's program ends. */
export type CrashPoint = "now" | "beforeCommit" | "afterCommit" | "amongAnswers";

/** Draws what goes wrong; `calm` ends it for good. */
export class Dice {
  readonly random: SeededRandom;
  #trouble: Trouble;

  constructor(random: SeededRandom, trouble: Trouble) {
    this.random = random;
    this.#trouble = trouble;
  }

  calm(): void {
    this.#trouble = CALM;
  }

  fate(): Fate {
    const { cutBefore, cutAfter, twice, stall } = this.#trouble;
    const drawn = this.random.next();
    if (drawn < cutBefore) return "cutBefore";
    if (drawn < cutBefore + cutAfter) return "cutAfter";
    if (drawn < cutBefore + cutAfter + twice) return "twice";
    return drawn < cutBefore + cutAfter + twice + stall ? "stall" : "arrives";
  }

  stallMs(): number {
    return this.random.between(STALL_MS.min, STALL_MS.max);
  }

  noticesMs(who: "chargePoint" | "centralSystem"): number {
    const max = who === "chargePoint" ? CHARGE_POINT_NOTICES_MS_MAX : CENTRAL_SYSTEM_NOTICES_MS_MAX;
    return this.random.between(0, max);
  }

  /** Most cuts are over at once, some last. */
  outageMs(): number {
    return this.random.chance(0.2) ? this.random.between(0, OUTAGE_MS_MAX) : 0;
  }

  commitMs(): number {
    const { commitMsMax } = this.#trouble;
    return commitMsMax === 0 ? 0 : this.random.between(0, commitMsMax);
  }

  commitFails(): boolean {
    const { failingCommit } = this.#trouble;
    return failingCommit > 0 && this.random.chance(failingCommit);
  }

  crashPoint(): CrashPoint {
    return this.oneOf(["now", "beforeCommit", "afterCommit", "amongAnswers", "amongAnswers"]);
  }

  downMs(): number {
    return this.random.between(0, DOWN_MS_MAX);
  }

  untilRestartMs(): number {
    return this.#waitMs(this.#trouble.restartEveryMs);
  }

  untilOperatorMs(): number {
    return this.#waitMs(this.#trouble.operatorEveryMs);
  }

  #waitMs(meanMs: number): number {
    return meanMs === Infinity ? Infinity : this.random.between(1, 2 * meanMs);
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.random.between(0, choices.length - 1)]!;
  }
}

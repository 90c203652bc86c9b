/**
 * Sends a Call. Where its outcome is remembered, what has to be known before it leaves is committed first, and the
 * outcome is told only after that is committed.
 */
import type { CommandOutcome } from "../central_system/commands.ts";
import { isNotedBefore, ownRequest } from "../central_system/own_call.ts";
import type { Action } from "../ocpp/action.ts";
import type { CentralSystemObserver } from "./central_system_observer.ts";
import type { Clock } from "./clock.ts";
import type { TurnLoop } from "./turn.ts";

type Resolve = (outcome: CommandOutcome) => void;

/** The Call, and who waits for its outcome. */
export interface NotedCall {
  readonly chargePoint: string;
  readonly action: Action;
  readonly payload: unknown;
  readonly resolve: Resolve;
}

/** What it takes. */
export interface NotedCallMeans {
  readonly turns: TurnLoop;
  readonly clock: Clock;
  readonly observer: Pick<CentralSystemObserver, "decided">;
}

/** Every Call on its way that was noted. */
export class NotedCalls {
  readonly #means: NotedCallMeans;
  /** How many of them were noted before they left, by Charge Point. */
  readonly #onTheirWay = new Map<string, number>();

  constructor(means: NotedCallMeans) {
    this.#means = means;
  }

  /** Puts it in its place among the inputs of the turn; `send` lets it go and settles it once. */
  send({ chargePoint, action, payload, resolve }: NotedCall, send: (settle: Resolve) => void): void {
    const request = ownRequest(action, payload);
    if (request === undefined) return send(resolve);
    const { turns, clock, observer } = this.#means;
    const isNoted = isNotedBefore(request);
    const note = () => ({
      chargePoint,
      request,
      atMs: clock.nowMs(),
      isListOnItsWay: this.#onTheirWay.has(chargePoint),
    });
    const settle: Resolve = (outcome) => {
      if (isNoted) this.#count(chargePoint, -1);
      turns.addOwnCall({ ...note(), outcome }, (decision) => {
        if (decision === "storeFailed") return resolve({ kind: "storeFailed" });
        for (const event of decision.events) observer.decided(event);
        resolve(outcome);
      });
    };
    if (!isNoted) return send(settle);
    const leaving = note();
    this.#count(chargePoint, 1);
    turns.addOwnCall(leaving, (decision) => {
      if (decision !== "storeFailed") return send(settle);
      this.#count(chargePoint, -1);
      resolve({ kind: "storeFailed" });
    });
  }

  #count(chargePoint: string, by: 1 | -1): void {
    const count = (this.#onTheirWay.get(chargePoint) ?? 0) + by;
    if (count === 0) this.#onTheirWay.delete(chargePoint);
    else this.#onTheirWay.set(chargePoint, count);
  }
}

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

/** Puts it in its place among the inputs of the turn; `send` lets it go and settles it once. */
export function sendNoted(
  { chargePoint, action, payload, resolve }: NotedCall,
  { turns, clock, observer }: {
    readonly turns: TurnLoop;
    readonly clock: Clock;
    readonly observer: Pick<CentralSystemObserver, "decided">;
  },
  send: (settle: Resolve) => void,
): void {
  const request = ownRequest(action, payload);
  if (request === undefined) return send(resolve);
  const settle: Resolve = (outcome) =>
    turns.addOwnCall({ chargePoint, request, outcome, atMs: clock.nowMs() }, (decision) => {
      if (decision === "storeFailed") return resolve({ kind: "storeFailed" });
      for (const event of decision.events) observer.decided(event);
      resolve(outcome);
    });
  if (!isNotedBefore(request)) return send(settle);
  turns.addOwnCall({ chargePoint, request, atMs: clock.nowMs() }, (decision) => {
    if (decision === "storeFailed") resolve({ kind: "storeFailed" });
    else send(settle);
  });
}

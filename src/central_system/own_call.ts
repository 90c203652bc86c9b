/**
 * Our own Calls that leave something behind at a Charge Point, and what is written down about them: before they leave
 * and once they are over. Both are inputs of the turn, so a Call leaves after the first is committed, and its outcome
 * is told after the second is.
 */
import type { Action } from "../ocpp/action.ts";
import { checkReq } from "../ocpp/check.ts";
import type { Req } from "../ocpp/registry.ts";
import type { CommandOutcome } from "./commands.ts";
import type { CentralSystemEvent, DecisionContext } from "./decision.ts";
import { decideListSending, decideListSent, decideListVersion } from "./local_list.ts";
import { decideCancelled, decideReserved } from "./reservation.ts";
import type { Write } from "./store.ts";

/** The Actions whose outcome is remembered. */
export const REMEMBERED_ACTIONS = [
  "CancelReservation",
  "GetLocalListVersion",
  "ReserveNow",
  "SendLocalList",
] as const satisfies readonly Action[];

type RememberedAction = (typeof REMEMBERED_ACTIONS)[number];

/** What was or will be sent; without a payload it does not fit its schema, on purpose. */
export type OwnRequest = {
  [A in RememberedAction]: { readonly action: A; readonly payload: Req<A> | undefined };
}[RememberedAction];

/** One of those Calls at one moment. */
export interface OwnCall {
  readonly chargePoint: string;
  readonly request: OwnRequest;
  readonly atMs: number;
  /** Absent: it is about to leave. */
  readonly outcome?: CommandOutcome;
  /** Another SendLocalList to this Charge Point is noted and not over. */
  readonly isListOnItsWay: boolean;
}

/** What is written down, and what is worth telling. */
export interface OwnCallDecision {
  readonly writes: readonly Write[];
  readonly events: readonly CentralSystemEvent[];
}

/** The request of a Call whose outcome is remembered. */
export function ownRequest(action: Action, payload: unknown): OwnRequest | undefined {
  const remembered: readonly Action[] = REMEMBERED_ACTIONS;
  if (!remembered.includes(action)) return undefined;
  const checked = checkReq(action, payload);
  return { action, payload: checked.ok ? checked.payload : undefined } as OwnRequest;
}

/** Whether something is written down before the Call leaves: without that a crash would leave a wrong belief. */
export function isNotedBefore({ action }: OwnRequest): boolean {
  return action === "SendLocalList";
}

/** Decides by the facts that `FactsCollector.addOwnCall` asked for. */
export function decideOwnCall(call: OwnCall, context: DecisionContext): OwnCallDecision {
  const { request, outcome, chargePoint, atMs, isListOnItsWay } = call;
  const about = { chargePoint, atMs, facts: context.facts, isListOnItsWay };
  if (request.action === "SendLocalList") {
    return outcome === undefined
      ? decideListSending(request.payload, about)
      : decideListSent(request.payload, outcome, about);
  }
  if (outcome === undefined) return NOTHING_TO_NOTE;
  if (request.action === "GetLocalListVersion") return decideListVersion(outcome, about);
  if (request.payload === undefined) return NOTHING_TO_NOTE;
  return request.action === "ReserveNow"
    ? decideReserved(request.payload, outcome, about)
    : decideCancelled(request.payload, outcome, about);
}

const NOTHING_TO_NOTE: OwnCallDecision = { writes: [], events: [] };

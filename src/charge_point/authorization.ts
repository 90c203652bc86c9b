/**
 * Who may charge: the decision about an idTag, and asking the Central System where it is not ours to take.
 *
 * Spec: OCPP 1.6 §3.5 Local Authorization & Offline Behavior, §3.10 Parent idTag, §4.1 Authorize.
 */
import { isOn } from "./configuration.ts";
import { enqueue } from "./outbox.ts";
import { type ChargePointState, type Connector, isOnline, type Turn } from "./state.ts";

/** What an idTag is shown for. */
export type Intent = "start" | "stop";

/** Decides as far as the Charge Point can by itself; `ask` leaves it to the Central System. */
export function decide(state: ChargePointState, intent: Intent): "accepted" | "refused" | "ask" {
  return isOnline(state) ? "ask" : decideOffline(state, intent);
}

/** Decides about an idTag that nobody can be asked about. */
export function decideOffline(
  { configuration }: ChargePointState,
  intent: Intent,
): "accepted" | "refused" {
  // §3.10: to stop another's transaction takes the same parentIdTag, which only the Central System knows.
  if (intent === "stop") return "refused";
  return isOn(configuration, "AllowOfflineTxForUnknownId") ? "accepted" : "refused";
}

/** Asks the Central System; false when there is no room for the question. */
export function ask(turn: Turn, connector: Connector, request: { idTag: string; intent: Intent }): boolean {
  const { connectorId } = connector;
  const isAsked = enqueue(turn, {
    action: "Authorize",
    payload: { idTag: request.idTag },
    purpose: { kind: "authorize", connectorId, ...request },
  });
  if (isAsked) connector.authorizing = request.idTag;
  return isAsked;
}

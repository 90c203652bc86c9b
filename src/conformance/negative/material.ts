/** What the negative cases of both roles are made from. */
import type { Tester } from "../tester.ts";
import type { PayloadMaterial } from "./valid_payload.ts";

export const NEGATIVE_SPEC = ["OCPP-J 1.6 §4.1", "OCPP-J 1.6 §4.2", "OCPP 1.6 §6", "OCPP 1.6 §7"];

/** How long what ends by itself may last: reservations, profiles. Units: seconds. */
const SOON_SECONDS = 600;

export function materialOf(t: Tester): PayloadMaterial {
  const { connectorId, idTag } = t.setup;
  return { connectorId, idTag, now: t.dateTime(), soon: t.dateTime(SOON_SECONDS) };
}

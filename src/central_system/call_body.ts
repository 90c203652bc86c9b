/**
 * A Call's payload, checked, or the fault that the Call will be refused with.
 */
import { isAction, maySend } from "../ocpp/action.ts";
import { checkReq } from "../ocpp/check.ts";
import type { CallBody } from "./decision.ts";

/**
 * Checks what a Charge Point sent. An Action that only a Central System sends is not supported here, whatever
 * its payload: a sender that mistook its role is not helped by the name of a field.
 */
export function callBody({ action, payload }: { action: string; payload: unknown }): CallBody {
  if (!isAction(action)) return { ok: false, action, fault: { kind: "unknownAction", action } };
  if (!maySend("chargePoint", action)) {
    return { ok: false, action, fault: { kind: "unsupportedAction", action } };
  }
  const checked = checkReq(action, payload);
  if (!checked.ok) return { ok: false, action, fault: { kind: "badPayload", faults: checked.faults } };
  return { ok: true, action, payload: checked.payload } as CallBody;
}

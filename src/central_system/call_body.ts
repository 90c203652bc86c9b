/**
 * A Call's payload, checked, or the fault that the Call will be refused with.
 */
import { isAction, maySend } from "../ocpp/action.ts";
import { readReq, type Validation } from "../ocpp/repair.ts";
import type { RepairRule } from "../ocpp/repair_rule.ts";
import type { CallBody } from "./decision.ts";

/**
 * Checks what a Charge Point sent, as strictly as asked; `refusedRules` are repairs that are not wanted of this one
 * although it is tolerated otherwise. An Action that only a Central System sends is not supported here, whatever its
 * payload: a sender that mistook its role is not helped by the name of a field.
 */
export function callBody(
  { action, payload }: { action: string; payload: unknown },
  validation: Validation,
  refusedRules: readonly RepairRule[] = [],
): CallBody {
  if (!isAction(action)) return { ok: false, action, fault: { kind: "unknownAction", action } };
  if (!maySend("chargePoint", action)) {
    return { ok: false, action, fault: { kind: "unsupportedAction", action } };
  }
  let read = readReq(action, payload, validation);
  if (read.ok && read.repairs.some(({ rule }) => refusedRules.includes(rule))) {
    read = readReq(action, payload, "strict"); // names what was wrong before anything was repaired
  }
  if (!read.ok) return { ok: false, action, fault: { kind: "badPayload", faults: read.faults } };
  const { repairs } = read;
  return {
    ok: true,
    action,
    payload: read.payload,
    ...(repairs.length === 0 ? {} : { repairs }),
  } as CallBody;
}

/**
 * An operator's wish to call a Charge Point: whether it may go out, and everything that can become of it.
 *
 * Spec: OCPP 1.6 §4.2 (what may be sent in which registration state).
 */
import { type Action, isAction, maySend } from "../ocpp/action.ts";
import type { PayloadFault } from "../ocpp/call_error.ts";
import { checkReq } from "../ocpp/check.ts";
import { fieldFaults } from "../ocpp/field_rule.ts";
import { readConf, type Validation } from "../ocpp/repair.ts";
import type { Repair } from "../ocpp/repair_rule.ts";
import type { RegistrationStatus } from "../ocpp/types.ts";
import type { CallOutcome } from "../rpc/peer.ts";

/** What an operator asks for. */
export interface Command {
  readonly action: string;
  readonly payload: unknown;
  readonly timeoutMs: number;
  /** `false` sends a payload that does not fit, on purpose. */
  readonly validate: boolean;
}

/** What became of it. */
export type CommandOutcome =
  | Extract<CallOutcome, { kind: "error" }>
  | { readonly kind: "result"; readonly payload: unknown; readonly repairs?: readonly Repair[] }
  | { readonly kind: "invalid"; readonly payload: unknown; readonly faults: readonly PayloadFault[] }
  | { readonly kind: "badCommand"; readonly faults: readonly PayloadFault[] }
  | { readonly kind: CommandRefusal };

/** Why a Call did not go out, or was never answered. */
export type CommandRefusal =
  | "unknownChargePoint"
  | "notConnected"
  | "notBooted"
  | "pending"
  | "rejected"
  | "queueFull"
  | "connectionLost"
  | "connectionReplaced"
  | "timeout"
  | "storeFailed"
  | "stopping";

/** Faults of the wish itself; none when it may be sent. */
export function commandFaults({ action, payload, validate }: Command): readonly PayloadFault[] {
  if (!isAction(action) || !maySend("centralSystem", action)) {
    return [fault("notInEnumeration", ["action"], "is no Action that a Central System sends")];
  }
  if (!validate) return [];
  const checked = checkReq(action, payload);
  if (!checked.ok) return checked.faults.map(inPayload);
  return fieldFaults(action, checked.payload as never).map(inPayload);
}

function inPayload(wrong: PayloadFault): PayloadFault {
  return { ...wrong, path: ["payload", ...wrong.path] };
}

function fault(kind: PayloadFault["kind"], path: readonly string[], message: string): PayloadFault {
  return { kind, path, message };
}

/** Why a registration state forbids an Action, if it does. */
export function registrationRefusal(
  action: string,
  status: RegistrationStatus | undefined,
): CommandRefusal | undefined {
  if (status === "Rejected") return "rejected";
  if (status === "Pending" && REMOTE_TRANSACTIONS.has(action)) return "pending"; // §4.2
  return undefined;
}

const REMOTE_TRANSACTIONS: ReadonlySet<string> = new Set<Action>([
  "RemoteStartTransaction",
  "RemoteStopTransaction",
]);

/** The outcome of a Call that was sent: an answer is checked against its schema, as strictly as asked. */
export function commandOutcome(action: Action, outcome: CallOutcome, validation: Validation): CommandOutcome {
  switch (outcome.kind) {
    case "timeout":
      return { kind: "timeout" };
    case "error":
      return outcome;
    case "result": {
      const read = readConf(action, outcome.payload, validation);
      if (!read.ok) return { kind: "invalid", payload: outcome.payload, faults: read.faults };
      const { payload, repairs } = read;
      return { kind: "result", payload, ...(repairs.length === 0 ? {} : { repairs }) };
    }
  }
}

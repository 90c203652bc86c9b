/**
 * What somebody has to do to the system under test, which no frame can bring about.
 *
 * A driver carries it out (an API, a program, a person at a prompt) and says `done` or `cannot`; in our own tests
 * it is an input of the Charge Point. `cannot` makes the case INCONCLUSIVE.
 */
import type { Action } from "../ocpp/action.ts";
import type { ChargePointErrorCode } from "../ocpp/types.ts";

/** One deed. The first kinds are for a Charge Point under test, the last ones for a Central System. */
export type OperatorAction =
  /** The cable goes into the EV (and, where it is detachable, into the Charge Point). */
  | { readonly kind: "plugIn"; readonly connectorId: number }
  /** The cable leaves the EV; a detachable one that is not locked leaves the Charge Point too. */
  | { readonly kind: "unplug"; readonly connectorId: number }
  | { readonly kind: "presentIdTag"; readonly idTag: string; readonly connectorId: number }
  | { readonly kind: "evPause"; readonly connectorId: number }
  | { readonly kind: "evResume"; readonly connectorId: number }
  | { readonly kind: "powerOff" }
  | { readonly kind: "powerOn" }
  /** From here on the lock of the cable fails to lock or to unlock; `none`: it works again. */
  | { readonly kind: "jamLock"; readonly connectorId: number; readonly jam: "lock" | "unlock" | "none" }
  | { readonly kind: "fault"; readonly connectorId: number; readonly errorCode: ChargePointErrorCode }
  | { readonly kind: "clearFault"; readonly connectorId: number }
  /** The next operation of this kind fails. */
  | {
    readonly kind: "orderFailure";
    readonly failure: "download" | "upload" | "installation" | "localListUpdate";
  }
  /** Somebody at the Charge Point asks for a new Charge Point certificate. */
  | { readonly kind: "renewCertificate" }
  /** The operator of the Central System has it send this Call. */
  | { readonly kind: "sendCall"; readonly action: Action; readonly payload: unknown }
  /** The operator of the Central System says what an idTag is worth. */
  | {
    readonly kind: "setIdTag";
    readonly idTag: string;
    readonly status: "Accepted" | "Blocked" | "Expired" | "Invalid";
    readonly parentIdTag?: string;
  };

/** The deed that takes another one back; `undefined` where there is none, or none is needed. */
export function counterAction(action: OperatorAction): OperatorAction | undefined {
  switch (action.kind) {
    case "plugIn":
      return { kind: "unplug", connectorId: action.connectorId };
    case "evPause":
      return { kind: "evResume", connectorId: action.connectorId };
    case "powerOff":
      return { kind: "powerOn" };
    case "jamLock":
      return action.jam === "none"
        ? undefined
        : { kind: "jamLock", connectorId: action.connectorId, jam: "none" };
    case "setIdTag":
      return action.status === "Accepted" && action.parentIdTag === undefined
        ? undefined
        : { kind: "setIdTag", idTag: action.idTag, status: "Accepted" };
    case "fault":
      return { kind: "clearFault", connectorId: action.connectorId };
    default:
      return undefined;
  }
}

/** What a person has to do, in one sentence. */
export function operatorText(action: OperatorAction): string {
  switch (action.kind) {
    case "plugIn":
      return `plug the cable of connector ${action.connectorId} into the EV`;
    case "unplug":
      return `unplug the cable of connector ${action.connectorId} from the EV, and here if it comes out`;
    case "presentIdTag":
      return `present idTag ${action.idTag} for connector ${action.connectorId}`;
    case "evPause":
      return `make the EV at connector ${action.connectorId} stop taking energy`;
    case "evResume":
      return `make the EV at connector ${action.connectorId} take energy again`;
    case "powerOff":
      return "switch off the power of the Charge Point";
    case "powerOn":
      return "switch on the power of the Charge Point";
    case "jamLock":
      return action.jam === "none"
        ? `free the lock of connector ${action.connectorId}`
        : `keep the lock of connector ${action.connectorId} from being ${action.jam}ed`;
    case "fault":
      return `cause the fault ${action.errorCode} at connector ${action.connectorId}`;
    case "clearFault":
      return `clear the fault at connector ${action.connectorId}`;
    case "orderFailure":
      return `make the next ${action.failure} fail`;
    case "renewCertificate":
      return "have the Charge Point ask for a new certificate";
    case "sendCall":
      return `have the Central System send ${action.action} ${JSON.stringify(action.payload)}`;
    case "setIdTag":
      return `make idTag ${action.idTag} ${action.status} in the Central System`;
  }
}

/** What is expected of whoever is asked to do it. */
export function deedExpected(action: OperatorAction): string {
  return `somebody to ${operatorText(action)}`;
}

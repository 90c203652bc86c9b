/**
 * What the Central System decides about one Call: the answer, what is to be written before the answer may
 * leave, and what is worth telling.
 */
import type { CallErrorContent } from "../ocpp/call_error.ts";
import type { CallFault } from "../ocpp/call_error.ts";
import type { Action } from "../ocpp/action.ts";
import type { Conf, Req } from "../ocpp/registry.ts";
import type { Validation } from "../ocpp/repair.ts";
import type { Repair } from "../ocpp/repair_rule.ts";
import type { ChargePointStatus, RegistrationStatus } from "../ocpp/types.ts";
import type { Deviation } from "./deviation.ts";
import type { Facts, Write } from "./store.ts";
import type { ClosedBy, Suspicion } from "./transaction_record.ts";
import type { ReservationEndedBy } from "./told_record.ts";

/** A Call from a Charge Point after the schema check. */
export interface ReceivedCall {
  /** Identity of the sender. */
  readonly chargePoint: string;
  readonly uniqueId: string;
  readonly body: CallBody;
  readonly receivedAtMs: number;
  /** When the link on which it came was opened. */
  readonly connectedAtMs?: number;
  /** Whether a TriggerMessage of ours asked for it. */
  readonly triggered: boolean;
  readonly validation: Validation;
}

/** A payload that fits its Action, perhaps after repairs, or why there is none. */
export type CallBody =
  | { [A in Action]: FittingBody<A> }[Action]
  | { readonly ok: false; readonly action: string; readonly fault: CallFault };

interface FittingBody<A extends Action> {
  readonly ok: true;
  readonly action: A;
  readonly payload: Req<A>;
  /** What had to be repaired. */
  readonly repairs?: readonly Repair[];
}

/** The answer that a Call gets. */
export type Answer =
  | { readonly kind: "result"; readonly payload: Conf<Action> }
  | { readonly kind: "error" } & CallErrorContent;

/** The whole outcome of one Call. */
export interface Decision {
  readonly answer: Answer;
  readonly writes: readonly Write[];
  readonly events: readonly CentralSystemEvent[];
}

/** What happened, for logs, metrics and the event stream. */
export type CentralSystemEvent =
  | { readonly kind: "booted"; readonly chargePoint: string; readonly status: RegistrationStatus }
  | {
    readonly kind: "statusReceived";
    readonly chargePoint: string;
    readonly connectorId: number;
    readonly status: ChargePointStatus;
    readonly errorCode: string;
  }
  | {
    readonly kind: "transactionStarted";
    readonly chargePoint: string;
    readonly connectorId: number;
    readonly transactionId: number;
    readonly idTag: string;
    readonly idTagStatus: string;
  }
  | {
    readonly kind: "transactionStopped";
    readonly chargePoint: string;
    readonly transactionId: number;
    readonly closedBy: ClosedBy;
    readonly energyWh: number | undefined;
  }
  | {
    readonly kind: "localListUpdated";
    readonly chargePoint: string;
    readonly listVersion: number;
    readonly updateType: Req<"SendLocalList">["updateType"];
    /** Of the message, not of the list. */
    readonly entries: number;
  }
  | {
    readonly kind: "reservationMade";
    readonly chargePoint: string;
    readonly connectorId: number;
    readonly reservationId: number;
    readonly idTag: string;
    readonly isDoubtful: boolean;
  }
  | {
    readonly kind: "reservationEnded";
    readonly chargePoint: string;
    readonly connectorId: number;
    readonly reservationId: number;
    readonly endedBy: ReservationEndedBy;
  }
  /** A certificate was sent to it: `outcome` is the status that it answered with, or why it did not answer. */
  | {
    readonly kind: "certificateSigned";
    readonly chargePoint: string;
    readonly commonName: string;
    readonly serialNumber: string;
    readonly outcome: string;
  }
  /** It asked for a certificate, and there will be none. */
  | { readonly kind: "certificateNotSigned"; readonly chargePoint: string; readonly reason: string }
  /** It is perhaps over: its connector is Available, or its Charge Point has booted. */
  | {
    readonly kind: "transactionSuspected";
    readonly chargePoint: string;
    readonly transactionId: number;
    readonly by: Suspicion["by"];
    readonly atMs: number;
  }
  /** The suspicion is taken back. */
  | { readonly kind: "transactionGoesOn"; readonly chargePoint: string; readonly transactionId: number }
  | Deviation;

/** What an operator has chosen for the whole Central System. Units: seconds. */
export interface Settings {
  readonly heartbeatIntervalSeconds: number;
  /** Registration of a Charge Point that is new here. */
  readonly bootStatus: RegistrationStatus;
  /** Told with Pending and Rejected: when to try again. */
  readonly bootIntervalSeconds: number;
  readonly authorization: "open" | "closed";
}

/** What decisions go by. */
export interface DecisionSettings extends Settings {
  /** `closed`: who has no record gets none. */
  readonly registration: "open" | "closed";
  /** Whether there is an authority that signs certificates of Charge Points. */
  readonly signsCertificates: boolean;
}

/** Everything that a decision may look at. */
export interface DecisionContext {
  readonly facts: Facts;
  readonly settings: DecisionSettings;
  readonly nowMs: number;
}

/** A decision that writes nothing and tells nothing. */
export function answerOnly(payload: Conf<Action>): Decision {
  return { answer: { kind: "result", payload }, writes: NOTHING, events: NOTHING };
}

const NOTHING: readonly never[] = [];

/**
 * How our own Calls end, and who is told: by an answer, a CALLERROR, a timeout, or the end of the link.
 */
import { pathText } from "../../ocpp/call_error.ts";
import type { Action } from "../../ocpp/action.ts";
import type { Conf } from "../../ocpp/registry.ts";
import { readConf, type Validation } from "../../ocpp/repair.ts";
import type { Repair } from "../../ocpp/repair_rule.ts";
import type { IdTagInfo } from "../../ocpp/types.ts";
import type { SettledCall } from "../../rpc/peer.ts";
import { learn } from "../authorization/authorization.ts";
import { bootAnswered, bootUnanswered, registerAgain } from "./boot.ts";
import { askAgain, authorizationAnswered, authorizationUnanswered } from "../session/charging_session.ts";
import { dropSigningRequest, signingRequestAnswered } from "../security/charge_point_certificate.ts";
import { statusTold } from "../session/connector_status.ts";
import { dataTransferEnded } from "./data_transfer.ts";
import type { CallPurpose } from "./outbox.ts";
import { noteExtensionRefused } from "../security/security_event.ts";
import { emit, emitDeviations, type Turn } from "../state.ts";
import { startAnswered } from "../transaction/transaction.ts";
import {
  messageDelivered,
  messageFailed,
  messageOf,
  transactionOf,
} from "../transaction/transaction_queue.ts";

/** Understands the end of a Call of ours. */
export function settle(turn: Turn, { call, outcome, latencyMs }: SettledCall<CallPurpose>): void {
  const { uniqueId } = call;
  const action = call.action as Action;
  const result = understand(action, outcome, turn.state.options.validation);
  if (result.ok) {
    emitDeviations(turn, { uniqueId, action, repairs: result.repairs });
    turn.state.counters.callsAnswered++;
    emit(turn, { kind: "callAnswered", uniqueId, action, payload: result.payload, latencyMs });
    answered(turn, call.tag, result.payload);
  } else {
    const { reason, detail } = result;
    turn.state.counters.callsFailed++;
    emit(turn, { kind: "callFailed", uniqueId, action, reason, detail, latencyMs });
    const errorCode = outcome.kind === "error" ? outcome.errorCode : undefined;
    failed(turn, call.tag, { errorCode, detail });
  }
}

type Understood =
  | { readonly ok: true; readonly payload: unknown; readonly repairs: readonly Repair[] }
  | {
    readonly ok: false;
    readonly reason: "callError" | "timeout" | "invalidAnswer";
    readonly detail: string;
  };

function understand(
  action: Action,
  outcome: SettledCall<CallPurpose>["outcome"],
  validation: Validation,
): Understood {
  switch (outcome.kind) {
    case "timeout":
      return { ok: false, reason: "timeout", detail: "no answer in time" };
    case "error": {
      const { errorCode, errorDescription } = outcome;
      const detail = errorDescription === "" ? errorCode : `${errorCode}: ${errorDescription}`;
      return { ok: false, reason: "callError", detail };
    }
    case "result": {
      const read = readConf(action, outcome.payload, validation);
      if (read.ok) return read;
      const detail = read.faults.map(({ path, message }) => `${pathText(path) || "payload"} ${message}`);
      return { ok: false, reason: "invalidAnswer", detail: detail.join("; ") };
    }
  }
}

function answered(turn: Turn, purpose: CallPurpose, payload: unknown): void {
  switch (purpose.kind) {
    case "boot":
      return bootAnswered(turn, payload as Conf<"BootNotification">);
    case "authorize":
      return authorizationAnswered(turn, purpose, (payload as Conf<"Authorize">).idTagInfo);
    case "status":
      return statusTold(turn, purpose);
    case "queued":
      return messageAnswered(turn, purpose.order, payload);
    case "dataTransfer":
      return dataTransferEnded(turn, purpose, { kind: "answered", conf: payload as Conf<"DataTransfer"> });
    case "signCertificate":
      return signingRequestAnswered(turn, payload as Conf<"SignCertificate">);
    case "heartbeat":
    case "triggeredMeterValues":
    case "triggeredNotification":
      return;
  }
}

function messageAnswered(turn: Turn, order: number, payload: unknown): void {
  const { state } = turn;
  const message = messageOf(state, order);
  if (message === undefined) return;
  const transaction = transactionOf(state, message);
  messageDelivered(turn, message);
  const { idTagInfo } = payload as { idTagInfo?: IdTagInfo };
  const idTag = "idTag" in message.payload ? message.payload.idTag : undefined;
  if (idTag !== undefined && idTagInfo !== undefined) learn(turn, idTag, idTagInfo);
  if (transaction === undefined) return;
  const { action } = message;
  if (action === "StartTransaction") startAnswered(turn, transaction, payload as Conf<"StartTransaction">);
  const { transactionId, connectorId } = transaction;
  if (action === "StopTransaction" && transactionId !== undefined) {
    emit(turn, { kind: "transactionFinished", connectorId, transactionId });
  }
}

function failed(
  turn: Turn,
  purpose: CallPurpose,
  why: { errorCode: string | undefined; detail: string },
): void {
  const isForgotten = why.errorCode === "SecurityError" && purpose.kind !== "boot" && registerAgain(turn);
  switch (purpose.kind) {
    case "boot":
      return bootUnanswered(turn);
    case "authorize":
      return isForgotten ? askAgain(turn, purpose) : authorizationUnanswered(turn, purpose);
    case "queued": {
      const message = messageOf(turn.state, purpose.order);
      if (message === undefined) return;
      const { errorCode } = why;
      const isUnknown = errorCode === "NotImplemented" || errorCode === "NotSupported";
      if (isUnknown && message.action === "SecurityEventNotification") noteExtensionRefused(turn);
      return messageFailed(turn, message, why);
    }
    case "dataTransfer":
      return dataTransferEnded(turn, purpose, { kind: "failed", reason: why.detail });
    case "signCertificate": // without an answer it may have been heard
      return why.errorCode === undefined ? undefined : dropSigningRequest(turn);
    case "status": // told anew after the next reconnect
    case "heartbeat":
    case "triggeredMeterValues":
    case "triggeredNotification":
      return;
  }
}
